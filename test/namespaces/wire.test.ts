import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Props } from "../../provider/pulumi/handler";
import { constantStub, DynamicProvider, type Refused } from "../wire/dynamic-provider";
import { client, type Host } from "./host";
import { declare, Site } from "./site";
import { snapshot } from "./snapshot";

// The real dynamic-provider process configures a real host.
const site = new Site();
const trace = join(tmpdir(), `lvs-trace-${process.pid}`);
let provider: DynamicProvider;
let server: Host;
let before: string;

beforeAll(async () => {
  const lan = await site.network("10.77.9.1/24");
  server = await site.host("server", { eth0: [lan, "10.77.9.2/24"] });
  await server.run("echo found >/etc/found.conf");
  before = await snapshot(server);
  provider = await DynamicProvider.start({ LVS_TRACE: trace });
});
afterAll(async () => {
  await provider?.stop();
  await site.close();
  rmSync(trace, { force: true });
});

async function checked(kind: string, inputs: Props): Promise<Props> {
  const frame = { host: declare(server, "10.77.9.2"), owner: `lvs/prod/${kind}`, __provider: constantStub(kind) };
  const { inputs: normal, failures } = await provider.check({ ...frame, ...inputs });
  expect(failures).toEqual([]);
  return normal;
}

const dials = () =>
  readFileSync(trace, "utf8")
    .split("\n")
    .filter((line) => line.includes('"dial"')).length;

/** What proves that a state is the owner's: random, and the same for a resource's whole life. */
const claim = expect.stringMatching(/^[0-9a-f]{32}$/);

test("the whole life of a file: create, no change, drift, repair, delete", async () => {
  const inputs = await checked("File", { path: "/etc/found.conf", content: "ours\n", mode: "0600" });
  const { id, state } = await provider.create(inputs);
  expect(id).toBe("server/File//etc/found.conf");
  expect(state).toEqual({ ...inputs, machine: server.machine, claim });
  expect(await provider.diff(id, state, inputs)).toMatchObject({ changes: false });

  await server.run("echo theirs >/etc/found.conf");
  const seen = await provider.read(id, state);
  expect(seen.id).toBe(id);
  expect(seen.state).toEqual({ ...state, content: "theirs\n" });
  expect(seen.inputs).toEqual({ ...inputs, content: "theirs\n" });
  expect(await provider.diff(id, seen.state, inputs)).toMatchObject({ changes: true, replaces: [] });

  const repaired = await provider.update(id, seen.state, inputs);
  expect(repaired).toEqual(state);
  await provider.delete(id, repaired);
  expect(await snapshot(server)).toBe(before);
});

test("resources that are created at the same time share one connection", async () => {
  const already = dials();
  const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
  const made = await Promise.all(
    names.map(async (name) => provider.create(await checked("File", { path: `/etc/lvs-${name}`, content: name }))),
  );
  expect(dials() - already).toBeLessThanOrEqual(1);
  await Promise.all(made.map(({ id, state }) => provider.delete(id, state)));
  expect(dials() - already).toBeLessThanOrEqual(1);
  expect(await snapshot(server)).toBe(before);
});

test("what is gone from the host has no id any more", async () => {
  const { id, state } = await provider.create(await checked("File", { path: "/etc/lvs-gone", content: "" }));
  await server.run("rm -rf /etc/lvs-gone /var/lib/lvs");
  expect((await provider.read(id, state)).id).toBe("");
});

test("a failure after the first change carries id, state, stub and reason, and the next update completes it", async () => {
  const secret = "of-all-things-this-must-not-be-seen";
  const inputs = await checked("File", { path: "/etc/found.conf", content: secret, user: "nobody-yet" });
  const refused: Refused = await provider.create(inputs).then(
    () => undefined,
    (error) => error,
  );
  expect(refused.message).toMatch(/server: writing \/etc\/found\.conf.*Is there a user nobody-yet/s);
  expect(refused.partial).toMatchObject({
    id: "server/File//etc/found.conf",
    reasons: [refused.message],
    properties: { __provider: constantStub("File"), machine: server.machine, incomplete: true },
  });
  expect(refused.message + provider.output).not.toContain(secret);
  expect(refused.message + provider.output).not.toContain(client.private.split("\n")[2]);

  const { id, properties } = refused.partial as NonNullable<Refused["partial"]>;
  const refreshed = await provider.read(id, properties);
  expect(refreshed.inputs).not.toHaveProperty("incomplete");
  expect(await provider.diff(id, refreshed.state, inputs)).toMatchObject({ changes: true });
  await server.run("useradd nobody-yet");
  const state = await provider.update(id, refreshed.state, inputs);
  expect(state).toEqual({ ...inputs, machine: server.machine, claim });
  await provider.delete(id, state);
  expect(await server.run("cat /etc/found.conf")).toBe("found\n");
});
