jest.mock("../../tools/lab/moves.js", () => ({}), { virtual: true });
jest.mock("../../tools/backend.js", () => ({}), { virtual: true });
jest.mock("../../tools/stacks.js", () => ({}), { virtual: true });

const { keyPath, plainValue, reencrypted } =
  jest.requireActual<typeof import("../../tools/stack-save.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/stack-save",
  );

test("a state is encrypted by the stack that takes it, whoever exported it", () => {
  const there = { type: "passphrase", state: { salt: "v1:there" } };
  const state = { version: 3, deployment: { secrets_providers: there, resources: [{ urn: "a" }] } };
  expect(reencrypted(state, "v1:here")).toEqual({
    version: 3,
    deployment: { secrets_providers: { type: "passphrase", state: { salt: "v1:here" } }, resources: [{ urn: "a" }] },
  });
});

test.each([
  [["pulumi-lvs:key"], "pulumi-lvs:key"],
  [["pulumi-lvs:hosts", "rs1", "privateKey"], 'pulumi-lvs:hosts["rs1"]["privateKey"]'],
  [["pulumi-lvs:list", 0, "a.b"], 'pulumi-lvs:list[0]["a.b"]'],
])("%j is set at %s", (at, path) => expect(keyPath(at)).toBe(path));

test("a secret is found in what Pulumi prints, alone or in an object", () => {
  const printed = { plain: { value: "one" }, nested: { value: "{}", objectValue: { list: ["a", { of: "two" }] } } };
  expect(plainValue(printed, ["plain"])).toBe("one");
  expect(plainValue(printed, ["nested", "list", 1, "of"])).toBe("two");
});
