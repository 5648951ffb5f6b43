import { ALL, Server } from "./server";

jest.setTimeout(300_000);

// What an administrator does after a run of Pulumi that failed, or that somebody interrupted. Each test begins where the one
// before it ended.

let server: Server;

/** What ends Pulumi at once, so that the stack's lock stays. */
const LEAVES_LOCK: readonly NodeJS.Signals[] = ["SIGKILL", "SIGHUP"];

/** How Pulumi is ended, and the signals that do it. */
const ENDS: [string, NodeJS.Signals[]][] = [
  ["SIGINT", ["SIGINT"]],
  ["SIGINT twice", ["SIGINT", "SIGINT"]],
  ["SIGTERM", ["SIGTERM"]],
  ["SIGHUP", ["SIGHUP"]],
  ["SIGKILL", ["SIGKILL"]],
];

beforeAll(async () => {
  server = await Server.bare();
  await server.bringUp();
});
afterAll(() => server?.end());

const fails = async (program: string, ...words: string[]) => {
  const { exit, text } = await server.project.run(program, ...words, "--yes", "--skip-preview");
  expect(exit).not.toBe(0);
  return text;
};

test("of an update, `refresh` and `up` work", async () => {
  expect(await fails("refused", "up")).toMatch(/The new content was refused by.*not this/s);
  await server.project.refresh("refused");
  await server.project.up("site");
  await server.isUp("site");
});

test.each(ENDS)("%s during `destroy`, then `up`", async (_, signals) => {
  await server.project.interrupted("deleting (", signals, "site", "destroy", "--yes", "--skip-preview");
  if (signals.some((one) => LEAVES_LOCK.includes(one))) await server.project.must("site", "cancel", "--yes");
  await server.project.up("site", "--refresh");
  await server.sql("CREATE TABLE IF NOT EXISTS orders (name text)");
  if (!(await server.sql("SELECT name FROM orders"))) await server.sql("INSERT INTO orders VALUES ('enamel mug')");
  await server.isUp("site");
});

test("`--target` brings up a half, then the rest, and takes a half down", async () => {
  const half = ["motd", "forward"].flatMap((name) => ["--target", server.project.urn(name)]);
  const names = ["File motd", "Sysctl forward"];
  await server.project.destroy("site");
  expect(await server.seen()).toBe(server.found);
  expect(await server.project.up("site", ...half)).toEqual(names.map((name) => `created ${name}`));
  const rest = ALL.filter((name) => !names.includes(name));
  expect(await server.project.up("site")).toEqual(rest.map((name) => `created ${name}`));
  expect(await server.project.destroy("site", ...half)).toEqual(names.map((name) => `deleted ${name}`));
  expect(await server.host.run("cat /etc/motd /proc/sys/net/ipv4/ip_forward")).toBe("found\n0\n");
  await server.project.destroy("site");
  expect(await server.seen()).toBe(server.found);
  await server.project.up("site");
});

test("of the first `up`, `refresh` and `destroy` work", async () => {
  await server.project.destroy("site");
  expect(await server.seen()).toBe(server.found);
  await fails("refused", "up");
  await server.project.refresh("refused");
  await server.project.destroy("refused");
  expect(await server.seen()).toBe(server.found);
});

test.each(ENDS)("%s during the first `up`, then `destroy`", async (_, signals) => {
  await server.project.interrupted("creating (", signals, "site", "up", "--yes", "--skip-preview");
  if (signals.some((one) => LEAVES_LOCK.includes(one))) await server.project.must("site", "cancel", "--yes");
  await server.project.up("site", "--refresh");
  await server.project.destroy("site");
  expect(await server.seen()).toBe(server.found);
});
