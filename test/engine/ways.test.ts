import type { Host } from "../namespaces/host";
import { declare, Site } from "../namespaces/site";
import { SETTLED, snapshot } from "../namespaces/snapshot";
import { Project } from "./project";

jest.setTimeout(300_000);

// What an administrator does with Pulumi's own words, on a host that has a file, a setting, an address and a database with
// an order in it. Each test begins where the one before it ended: the site is up.

const lans = new Site();
let host: Host;
let project: Project;
/** The host without the site. */
let found: string;
/** The host with the site. */
let up: string;

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
  const lan = await lans.network("10.77.20.1/24");
  host = await lans.host("server", { eth0: [lan, "10.77.20.2/24"] });
  await host.run(`set -e
    export LC_ALL=C.UTF-8
    # What the database's server writes is no part of what is compared.
    for folder in /etc/postgresql /var/lib/postgresql /var/log/postgresql /run/postgresql; do
      mkdir -p $folder
      mount -t tmpfs -o mode=2775,uid=$(id -u postgres),gid=$(id -g postgres) tmpfs $folder
    done
    version=$(ls /usr/lib/postgresql | sort -V | tail -1)
    pg_createcluster -p 5432 $version site >/dev/null
    pg_ctlcluster $version site start
    echo found >/etc/motd`);
  const { name: _, ...server } = declare(host, "10.77.20.2");
  project = new Project({ server });
  await project.must("nothing", "stack", "init");
  found = await seen();
});
afterAll(() => {
  project?.remove();
  return lans.close();
});

const sql = (text: string) => host.run(`cd /; runuser -u postgres -- psql -X -q -A -t -d shop`, text);

/** The host, but for what the product notes there, and for what the database's server writes. */
async function seen(): Promise<string> {
  const lines = (await snapshot(host)).split("\n");
  const own = (line = "") => /^var .*\/lib\/lvs/.test(line);
  const isDigest = (line: string) => /^[0-9a-f]{64} /.test(line);
  return lines
    .filter((line, i) => !own(line) && !(isDigest(line) && own(lines[i - 1])) && !line.includes("postgresql"))
    .join("\n");
}

/** Does the work, and returns what the host was without at any time meanwhile. */
async function missingDuring(work: () => Promise<unknown>): Promise<string[]> {
  const watching = host.run(`while [ ! -e /run/stop ]; do
      [ "$(cat /etc/motd)" = declared ] || echo the file
      [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || echo the setting
      ip -o address show dev eth0 | grep -q 10.77.20.9/ || echo the address
      [ "$(cd /; runuser -u postgres -- psql -X -q -A -t -d shop -c 'SELECT name FROM orders' 2>&1)" = "enamel mug" ] || echo the order
      sleep 0.05; done; rm /run/stop`);
  try {
    await work();
  } finally {
    await host.run(": >/run/stop");
  }
  return [...new Set((await watching).trim().split("\n").filter(Boolean))];
}

/** Expects that the site is up as before, that nothing is left to do, and that nothing differs. */
async function isUp(program: string) {
  await project.must(program, "up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
  expect(await seen()).toBe(up);
  expect(await sql("SELECT name FROM orders")).toBe("enamel mug\n");
}

const ALL = ["File motd", "PostgresqlDatabase data", "PostgresqlRole owner", "Sysctl forward", "VipAlias vip"];
const each = (...verbs: string[]) => verbs.flatMap((verb) => ALL.map((one) => `${verb} ${one}`)).sort();

test("up", async () => {
  expect(await project.up("site")).toEqual(each("created"));
  await sql("CREATE TABLE orders (name text); INSERT INTO orders VALUES ('enamel mug')");
  await host.run(SETTLED);
  up = await seen();
  expect(up).not.toBe(found);
  await isUp("site");
});

describe("nothing is missing at any time, and the host stays as it is, while", () => {
  test("everything is replaced", async () => {
    const urns = Object.values(await project.state()).flatMap(({ urn }) => ["--replace", urn]);
    expect(await missingDuring(() => project.up("site", ...urns))).toEqual([]);
    await isUp("site");
  });

  test("everything is tainted", async () => {
    for (const { urn } of Object.values(await project.state()))
      await project.must("site", "state", "taint", "--yes", urn);
    expect(await missingDuring(() => project.up("site"))).toEqual([]);
    await isUp("site");
  });

  test.each([
    "renamed host",
    "renamed resources",
    "renamed resources with aliases",
    "in a component",
    "in a component with aliases",
  ])("%s", async (edited) => {
    let done: string[] = [];
    expect(await missingDuring(async () => (done = await project.up(edited)))).toEqual([]);
    expect(done.length).toBeGreaterThan(0);
    // The host's ledger gets the new name. Without aliases there would be new resources.
    if (edited.endsWith("aliases")) for (const one of done) expect(one).toMatch(/^updated /);
    await isUp(edited);
    expect(await missingDuring(() => project.up("site"))).toEqual([]);
    await isUp("site");
  });
});

test.each(["renamed host", "renamed resources", "renamed resources with aliases"])(
  "%s, and another content in the same `up`: nothing else changes, nor the way back",
  async (edited) => {
    const missing = await missingDuring(() => project.up(`${edited}, changed`));
    expect(missing).toEqual(["the file"]);
    expect(await host.run("cat /etc/motd")).toBe("changed\n");
    await project.must(`${edited}, changed`, "up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
    await project.up("site");
    await isUp("site");
  },
);

test("`state move` to another stack: what is moved stays on the host, is changed there, and goes from there alone", async () => {
  const urn = await project.urn("motd");
  const move = ["state", "move", "--yes", "--source", "site", "--dest", "second"];
  const inSecond = async <T>(work: () => Promise<T>) => {
    project.stack = "second";
    try {
      return await work();
    } finally {
      project.stack = "site";
    }
  };
  await inSecond(() => project.must("nothing", "stack", "init"));
  const missing = await missingDuring(async () => {
    await project.must("site", ...move, urn);
    expect(await project.up("without the file")).toEqual([]);
    expect(await inSecond(() => project.up("the file alone"))).toEqual(["updated File motd"]);
  });
  expect(missing).toEqual([]);
  expect(await inSecond(() => project.up("the file alone, changed"))).toEqual(["updated File motd"]);
  expect(await inSecond(() => project.destroy("the file alone"))).toEqual(["deleted File motd"]);
  expect(await host.run("cat /etc/motd")).toBe("found\n");
  await inSecond(() => project.must("nothing", "stack", "rm", "--yes"));
  expect(await project.up("site")).toEqual(["created File motd"]);
  await isUp("site");
});

describe("a part of the site", () => {
  test("--target: only what is named changes", async () => {
    const forward = await project.urn("forward");
    expect(await project.up("changed", "--target", forward)).toEqual([]);
    expect(await host.run("cat /etc/motd")).toBe("declared\n");
    expect(await project.destroy("site", "--target", await project.urn("motd"))).toEqual(["deleted File motd"]);
    expect(await host.run("cat /etc/motd")).toBe("found\n");
    expect(await project.up("site")).toEqual(["created File motd"]);
    await isUp("site");
  });

  test("ignoreChanges: an edit of the program changes nothing", async () => {
    expect(await project.up("changed, ignoring changes")).toEqual([]);
    await isUp("site");
  });

  test("retainOnDelete: what leaves the program stays on the host, and is taken up again", async () => {
    await project.up("retained on delete");
    await project.up("without the file");
    expect(await project.state()).not.toHaveProperty("motd");
    expect(await host.run("cat /etc/motd")).toBe("declared\n");
    expect(await project.up("changed")).toEqual(["created File motd"]);
    expect(await project.up("site")).toEqual(["updated File motd"]);
    await isUp("site");
  });

  test("`state delete`: what the state has lost stays on the host, and is taken up again", async () => {
    await project.must("site", "state", "delete", "--yes", await project.urn("motd"));
    expect(await project.up("changed")).toEqual(["created File motd"]);
    expect(await project.up("site")).toEqual(["updated File motd"]);
    await isUp("site");
  });

  test("protect: neither `destroy` nor an edit takes it away", async () => {
    await project.up("protected");
    for (const [program, command] of [
      ["protected", "destroy"],
      ["protected, without the file", "up"],
    ] as const) {
      const { exit, text } = await project.run(program, command, "--yes", "--skip-preview");
      expect(exit).not.toBe(0);
      expect(text).toContain("because it is protected");
    }
    await project.up("site");
    await isUp("site");
  });

  test("import: says that creating takes over what is there", async () => {
    await project.destroy("site", "--target", await project.urn("motd"));
    const { exit, text } = await project.run("imported", "up", "--yes", "--skip-preview");
    expect(exit).not.toBe(0);
    expect(text).toMatch(/File "motd": import: .*Leave the option out: creating takes over what is there already/);
    expect(await project.up("site")).toEqual(["created File motd"]);
    await isUp("site");
  });
});

test("deleteBeforeReplace: what goes first comes back, and a role whose database would be left is refused", async () => {
  const replacing = async (...names: string[]) =>
    (await Promise.all(names.map((name) => project.urn(name)))).flatMap((urn) => ["--replace", urn]);
  await project.up("deleted before replaced", ...(await replacing("motd", "forward", "vip")));
  await isUp("deleted before replaced");
  const up = ["up", "--yes", "--skip-preview", ...(await replacing("owner"))];
  const { exit, text } = await project.run("deleted before replaced", ...up);
  expect(exit).not.toBe(0);
  expect(text).toContain('role "shop" cannot be dropped');
  await project.up("site", "--refresh");
  await isUp("site");
});

describe("another name", () => {
  test("`stack rename`", async () => {
    await project.must("site", "stack", "rename", "other");
    project.stack = "other";
    expect(await project.up("site")).toEqual(each("updated"));
    await isUp("site");
    expect(await project.up("changed")).toEqual(["updated File motd"]);
    expect(await project.up("site")).toEqual(["updated File motd"]);
  });

  test("of the project", async () => {
    await project.must("site", "stack", "rename", "organization/another/site");
    project.name("another");
    project.stack = "site";
    expect(await project.up("site")).toEqual(each("updated"));
    await isUp("site");
    expect(await project.up("changed")).toEqual(["updated File motd"]);
    expect(await project.up("site")).toEqual(["updated File motd"]);
  });
});

describe("after a failure", () => {
  const fails = async (program: string, ...words: string[]) => {
    const { exit, text } = await project.run(program, ...words, "--yes", "--skip-preview");
    expect(exit).not.toBe(0);
    return text;
  };

  test("of an update, `refresh` and `up` work", async () => {
    expect(await fails("refused", "up")).toMatch(/The new content was refused by.*not this/s);
    await project.refresh("refused");
    await project.up("site");
    await isUp("site");
  });

  test.each(ENDS)("%s during `destroy`, then `up`", async (_, signals) => {
    await project.interrupted("deleting (", signals, "site", "destroy", "--yes", "--skip-preview");
    if (signals.some((one) => LEAVES_LOCK.includes(one))) await project.must("site", "cancel", "--yes");
    await project.up("site", "--refresh");
    await sql("CREATE TABLE IF NOT EXISTS orders (name text)");
    if (!(await sql("SELECT name FROM orders"))) await sql("INSERT INTO orders VALUES ('enamel mug')");
    await isUp("site");
  });

  test("`--target` brings up a half, then the rest, and takes a half down", async () => {
    const urns = await Promise.all(["motd", "forward"].map((name) => project.urn(name)));
    const half = urns.flatMap((urn) => ["--target", urn]);
    const names = ["File motd", "Sysctl forward"];
    await project.destroy("site");
    expect(await seen()).toBe(found);
    expect(await project.up("site", ...half)).toEqual(names.map((name) => `created ${name}`));
    const rest = ALL.filter((name) => !names.includes(name));
    expect(await project.up("site")).toEqual(rest.map((name) => `created ${name}`));
    expect(await project.destroy("site", ...half)).toEqual(names.map((name) => `deleted ${name}`));
    expect(await host.run("cat /etc/motd /proc/sys/net/ipv4/ip_forward")).toBe("found\n0\n");
    await project.destroy("site");
    expect(await seen()).toBe(found);
    await project.up("site");
  });

  test("of the first `up`, `refresh` and `destroy` work", async () => {
    await project.destroy("site");
    expect(await seen()).toBe(found);
    await fails("refused", "up");
    await project.refresh("refused");
    await project.destroy("refused");
    expect(await seen()).toBe(found);
  });

  test.each(ENDS)("%s during the first `up`, then `destroy`", async (_, signals) => {
    await project.interrupted("creating (", signals, "site", "up", "--yes", "--skip-preview");
    if (signals.some((one) => LEAVES_LOCK.includes(one))) await project.must("site", "cancel", "--yes");
    await project.up("site", "--refresh");
    await project.destroy("site");
    expect(await seen()).toBe(found);
  });
});
