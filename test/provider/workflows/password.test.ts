import { provider } from "../../../provider/index";

const password = provider("Password");

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const made = async (inputs: Record<string, unknown> = {}) =>
  password.create((await password.check({}, inputs)).inputs).then(({ id, outs }) => ({ id, outs: outs ?? {} }));

test("letters and digits alone, as many as declared, and others each time", async () => {
  const several = await Promise.all(Array.from({ length: 20 }, () => made()));
  for (const { outs } of several) expect(outs.value).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(new Set(several.map(({ outs }) => outs.value)).size).toBe(20);
  expect(new Set(several.flatMap(({ outs }) => [...String(outs.value)])).size).toBeGreaterThan(50);
  expect((await made({ length: 200 })).outs.value).toHaveLength(200);
});

test("gives the engine nothing undefined", async () => {
  for (const inputs of [{}, { triggers: [1] }]) {
    const { outs } = await made(inputs);
    expect(Object.values(outs)).not.toContain(undefined);
  }
});

test("its id says nothing about it", async () => {
  const { id, outs } = await made();
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(String(outs.value)).not.toContain(id);
});

test.each([
  [{ length: 15 }, "length", "16 to 256"],
  [{ length: 257 }, "length", "16 to 256"],
  [{ length: 20.5 }, "length", "16 to 256"],
  [{ length: "32" }, "length", "leave out the quotes"],
])("%j is refused", async (inputs, property, reason) => {
  const { failures } = await password.check({}, inputs);
  expect(failures).toEqual([{ property, reason: expect.stringContaining(reason) }]);
});

test("defaults, and values that are not known yet", async () => {
  expect(await password.check({}, {})).toEqual({ inputs: { length: 32 }, failures: [] });
  expect((await password.check({}, { triggers: [UNKNOWN], length: UNKNOWN })).failures).toEqual([]);
});

test("is made once: the same again is no change, another length or trigger is a replacement", async () => {
  const { inputs } = await password.check({}, { triggers: [1, { by: "hand" }] });
  const { id, outs } = await made(inputs);
  expect(Object.keys(outs).sort()).toEqual(["length", "triggers", "value"]);
  expect(await password.diff(id, outs, inputs)).toMatchObject({ changes: false });
  expect(await password.diff(id, outs, { ...inputs, length: 40 })).toMatchObject({ replaces: ["length"] });
  expect(await password.diff(id, outs, { ...inputs, triggers: [2] })).toMatchObject({ replaces: ["triggers"] });
  expect(await password.diff(id, outs, { length: 32 })).toMatchObject({ changes: true, replaces: ["triggers"] });
});

test("a refresh changes nothing", async () => {
  const { id, outs } = await made({ length: 50 });
  expect(await password.read?.(id, outs)).toEqual({ id, props: outs, inputs: { length: 50 } });
});
