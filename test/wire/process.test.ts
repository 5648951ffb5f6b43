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

/** What the engine prints of failures, also if the program made a value a secret (pkg/resource/deploy). */
function printed(news: Record<string, unknown>, failures: readonly { property: string; reason: string }[]): string {
  return failures
    .map(({ property, reason }) =>
      property ? `property ${property} value ${JSON.stringify(news[property])} has a problem: ${reason}` : reason,
    )
    .join("\n");
}

const SECRET = "hunter2-Top Secret";
const file = { host, owner: "lvs/prod/file", path: "/etc/secret", __provider: constantStub("File") };
const release = {
  ...{ host, owner: "lvs/prod/release", site: "shop", root: "/srv/shop", release: "aaaaaaaa", user: "shop" },
  ...{ start: ["true"], artefact: { path: "x", sha256: "a".repeat(64) }, __provider: constantStub("Release") },
};
const role = { host, owner: "lvs/prod/role", name: "shop", __provider: constantStub("PostgresqlRole") };
const service = { host, owner: "lvs/prod/service", unit: "x", __provider: constantStub("SystemdService") };
const check = { url: "http://192.0.2.1/", __provider: constantStub("TrafficCheck") };
const rollout = {
  ...{ site: "shop", root: "/srv/shop", release: "aaaaaaaa", user: "shop", ready: { path: "/" } },
  ...{ servers: [{ host, address: "192.0.2.2" }], __provider: constantStub("Rollout") },
};

test.each<[string, Record<string, unknown>, RegExp]>([
  ["content", { ...file, content: SECRET, state: "absent" }, /^content: a file that shall be absent/],
  [
    "validate",
    { ...file, content: SECRET, validate: ["grep", SECRET] },
    /^validate: give "%s", the path of the new content/,
  ],
  ["password", { ...role, password: `${SECRET}\n` }, /^password: give 1 to 256/],
  ["environment", { ...release, environment: [SECRET] }, /^environment: /],
  ["environment, a name", { ...release, environment: { "A B": SECRET } }, /environment/],
  ["start", { ...release, start: { a: SECRET } }, /^start: /],
  ["validate of a service", { ...service, validate: SECRET }, /^validate: /],
  [
    "a package's file",
    { host, owner: "lvs/prod/x", package: "x", file: `https://me:${SECRET}@x/y`, __provider: constantStub("Package") },
    /^file: a package file is/,
  ],
  ["a property that nobody knows", { ...role, password: "x", pasword: SECRET }, /^pasword: there is no such property/],
  ["the host", { ...file, content: "", host: [SECRET] }, /host/],
  ["the host's key", { ...file, content: "", host: { ...host, privateKey: [SECRET] } }, /host\.privateKey/],
  ["sudo's password", { ...file, content: "", host: { ...host, sudo: { password: [SECRET] } } }, /host\.sudo/],
  [
    "a URL",
    { ...check, url: `http://me:${encodeURIComponent(SECRET)}@192.0.2.1/` },
    /url\.password .*seen by everybody/,
  ],
  ["a URL that is none", { ...check, url: [`http://me:${SECRET}@[/`] }, /url\.password .*is not a URL/],
  ["the sender", { ...check, host: SECRET }, /^host: /],
  ["the director", { ...check, expect: { servers: {}, arp: { director: SECRET } } }, /expect/],
  ["the expectation", { ...check, expect: SECRET }, /^expect: /],
  ["the servers", { ...rollout, servers: { a: SECRET } }, /^servers: /],
  ["a command", { ...rollout, prepare: SECRET }, /^prepare: /],
])("a failure about %s lets the engine print no secret", async (_, news, words) => {
  const { failures } = await provider.check(news);
  expect(printed(news, failures)).toMatch(words);
  expect(printed(news, failures)).not.toMatch(/hunter2/);
});

test("a rollout whose first run fails is saved with what finds the provider again: refresh and destroy work", async () => {
  const { inputs: checked } = await provider.check(rollout);
  const refused: Refused = await provider.create(checked).then(
    () => undefined,
    (error) => error,
  );
  expect(refused.message).toMatch("not reachable");
  const { id, properties } = refused.partial as NonNullable<Refused["partial"]>;
  expect(properties).toMatchObject({ __provider: rollout.__provider, incomplete: true });
  await expect(provider.read(id, properties)).rejects.toThrow("not reachable");
  await provider.delete(id, properties);
});

test("two resources of one thing let the engine print no secret", async () => {
  const twins: [Record<string, unknown>, Record<string, unknown>, RegExp][] = [
    [
      { ...file, path: "/etc/a" },
      { content: SECRET },
      /^content: File \/etc\/a on host away is declared differently by/,
    ],
    [{ ...role, name: "a", password: "another" }, { password: SECRET }, /^password: PostgresqlRole a on host away/],
    [{ ...release, site: "a" }, { environment: { A: SECRET } }, /^environment: Release a on host away/],
  ];
  for (const [news, more, words] of twins) {
    const one = { ...news, owner: "lvs/prod/one" };
    expect((await provider.check(one)).failures).toEqual([]);
    const two = { ...one, ...more, owner: "lvs/prod/two" };
    const { failures } = await provider.check(two);
    expect(printed(two, failures)).toMatch(words);
    expect(printed(two, failures)).not.toMatch(/hunter2/);
  }
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
