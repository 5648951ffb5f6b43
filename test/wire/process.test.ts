import { keyPair } from "../key-pair";
import { constantStub, DynamicProvider, type Refused } from "./dynamic-provider";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let provider: DynamicProvider;
beforeAll(async () => {
  provider = await DynamicProvider.start();
});
afterAll(() => provider.stop());

const key = keyPair();
const host = { name: "away", address: "127.0.0.1", port: 1, hostKey: key.public, privateKey: key.private, ready: 1 };
const inputs = {
  host,
  key: "net.ipv4.ip_forward",
  value: 1,
  owner: "lvs/prod/forward",
  __provider: constantStub("Sysctl"),
};

test("the stub is found from the project's folder, and check gives the normal form without anything undefined", async () => {
  const { inputs: normal, failures } = await provider.check(inputs);
  expect(failures).toEqual([]);
  expect(normal).toMatchObject({
    value: "1",
    boot: true,
    host: { port: 1, user: "root" },
    __provider: inputs.__provider,
  });
});

test("a mistake is told by its property, one of the host too", async () => {
  const { failures } = await provider.check({ ...inputs, host: { ...host, port: 70_000 }, key: "ip forward" });
  expect(failures.map(({ property }) => property).sort()).toEqual(["host.port", "key"]);
});

test("values that are not known before the update pass check, and the rules that touch them are skipped", async () => {
  const unknown = { ...inputs, host: { ...host, address: UNKNOWN, privateKey: UNKNOWN }, key: UNKNOWN };
  expect((await provider.check(unknown)).failures).toEqual([]);
  expect((await provider.check({ ...unknown, host: UNKNOWN })).failures).toEqual([]);
  expect((await provider.check({ ...unknown, value: "" })).failures).toMatchObject([{ property: "value" }]);
});

test("a kind that this version does not have is an error that says which package is too old", async () => {
  const later = { ...inputs, __provider: constantStub("Later") };
  await expect(provider.check(later)).rejects.toThrow(/no kind Later: is it older than the pulumi-lvs/);
});

test("a failure before the first change leaves nothing in the state, and shows no secret", async () => {
  const normal = (await provider.check(inputs)).inputs;
  const error: Refused = await provider.create(normal).then(
    () => undefined,
    (refused) => refused,
  );
  expect(error.message).toMatch(/away.*not reachable/);
  expect(error.partial).toBeUndefined();
  const secret = key.private.split("\n")[2] as string;
  expect(error.message + provider.output).not.toContain(secret);
});

test("a change of credentials alone is an update that opens no connection", async () => {
  const normal = (await provider.check(inputs)).inputs;
  const olds = { ...normal, machine: "0123456789abcdef0123456789abcdef" };
  const news = { ...normal, host: { ...(normal.host as object), privateKey: "another" } };
  expect(await provider.diff("away/Sysctl/net.ipv4.ip_forward", olds, news)).toEqual({ changes: true, replaces: [] });
  const state = await provider.update("away/Sysctl/net.ipv4.ip_forward", olds, news);
  expect(state).toEqual({ ...news, machine: olds.machine });
});

test("a host that is not known yet is no replacement", async () => {
  const olds = (await provider.check(inputs)).inputs;
  const { inputs: news } = await provider.check({ ...inputs, host: UNKNOWN }, olds);
  expect(await provider.diff("x", olds, news)).toEqual({ changes: true, replaces: [] });
});

test("another name of the host and another key are replacements", async () => {
  const olds = (await provider.check(inputs)).inputs;
  const renamed = { ...olds, host: { ...(olds.host as object), name: "elsewhere" } };
  expect(await provider.diff("x", olds, renamed)).toEqual({ changes: true, replaces: ["host"] });
  expect(await provider.diff("x", olds, { ...olds, key: "net.ipv4.ip_nonlocal_bind" })).toEqual({
    changes: true,
    replaces: ["key"],
  });
});

test("the process ends with the engine, whatever it is about", async () => {
  const orphan = await DynamicProvider.start();
  await orphan.check(inputs);
  expect(await orphan.afterEngine()).toBe(1);
});
