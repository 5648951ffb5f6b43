import { join } from "node:path";
import { type KernelHost, SharedKernel } from "../kernel/kernel";
import { failuresUnder } from "../kernel/load";
import { alternate, serve, table } from "../kernel/site";
import type { Host } from "../namespaces/host";
import { declare, Site } from "../namespaces/site";
import { AdoptedProject } from "./adopted-project";
import { installPostgresql } from "./database-host";
import { ALL_THERE, dump, fill, Reader, sql } from "./orders";
import { Project } from "./project";
import { whole } from "./whole-host";

// The director and the real servers have a kernel with IPVS, the database's host has the real PostgreSQL, and Pulumi is the real
// one. While everything of the site is made anew, no request fails, one connection reads the orders from beginning to end, and
// every host and the database are byte for byte as before.

jest.setTimeout(300_000);

const lans = new Site();
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client", KernelHost>;
let db: Host;
let project: Project;
const adopted = new AdoptedProject();
let reader: Reader | undefined;
/** The hosts without the site. */
let found: Seen;
/** The hosts with the site, and the database with its orders. */
let up: Seen;
const URL = "http://10.1.0.1/";
const LINES = [
  "-A -t 10.1.0.1:80 -s wrr",
  "-a -t 10.1.0.1:80 -r 10.2.0.11:80 -m -w 1",
  "-a -t 10.1.0.1:80 -r 10.2.0.12:80 -m -w 1",
];

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({
    director: { eth0: ["outside", "10.1.0.1/24"], eth1: ["inside", "10.2.0.1/24"] },
    rs1: { eth0: ["inside", "10.2.0.11/24"] },
    rs2: { eth0: ["inside", "10.2.0.12/24"] },
    client: { eth0: ["outside", "10.1.0.21/24"] },
  });
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  const { director, rs1, rs2 } = hosts;
  const connections = Object.entries({ director, rs1, rs2 }).map(([name, host]) => [name, host.connection]);
  db = await lans.host("db", { eth0: [await lans.network("10.77.22.1/24"), "10.77.22.2/24"] });
  await installPostgresql(db);
  const { name: _, ...connection } = declare(db, "10.77.22.2");
  project = new Project({ ...Object.fromEntries(connections), db: connection }, join(__dirname, "site-program.ts"));
  await project.must("nothing", "stack", "init");
  found = await seen();
  await project.up("site");
  await fill(await url());
  reader = new Reader(await url(), join(project.folder, "stop"));
  up = await seen();
});
afterAll(async () => {
  await reader?.end();
  project?.remove();
  adopted.remove();
  await lans.close();
  await kernel?.end();
});

async function url(): Promise<string> {
  const said = await project.must("nothing", "stack", "output", "url", "--show-secrets");
  return said.trim().split("\n").at(-1) as string;
}

type Seen = Readonly<Record<string, string>>;

async function seen(): Promise<Seen> {
  const { director, rs1, rs2 } = hosts;
  const [one, two, three, four, data] = await Promise.all([...[director, rs1, rs2, db].map(whole), dump(db)]);
  return { director: one, rs1: two, rs2: three, db: four, data } as Seen;
}

/** The work is done without a request that fails, and the hosts and the database are as before. */
async function throughout(work: () => Promise<string[]>, verb: string): Promise<void> {
  let done: string[] = [];
  const failures = await failuresUnder(hosts.client, URL, async () => (done = await work()));
  expect(failures).toEqual([]);
  const kinds = done.filter((one) => one.startsWith(verb)).map((one) => one.split(" ").at(-2));
  expect([...new Set(kinds)]).toEqual(expect.arrayContaining(["VirtualService", "Route", "PostgresqlDatabase"]));
  expect(await table(hosts.director)).toEqual(LINES);
  expect(await seen()).toEqual(up);
}

test("the data are there, and the hosts have the site", async () => {
  expect(
    await sql(
      await url(),
      "SELECT sold FROM takings ORDER BY name; SELECT octet_length(lo_get(picture)) FROM products WHERE id = 1",
    ),
  ).toBe("500\n500\n500\n500\n96000\n");
  expect(up.data).toContain(`Ärmel's "crème"`);
  expect(up.data).toContain("lo_create");
  for (const host of ["director", "rs1", "rs2", "db"]) expect(up[host]).not.toBe(found[host]);
});

test("a site answers while everything is replaced", async () => {
  const urns = Object.values(project.state()).flatMap(({ urn }) => ["--replace", urn]);
  await throughout(() => project.up("site", ...urns), "replaced");
});

test("a site answers while its hosts get other names", () => throughout(() => project.up("renamed hosts"), "created"));

test("a site answers while it moves into a component, whose resources are others", async () => {
  await throughout(() => project.up("in a component"), "created");
  await project.must("in a component", "up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes");
});

test("a site answers while everything is tainted and made again", async () => {
  await project.taintAll();
  await throughout(() => project.up("in a component"), "replaced");
});

test("the connection that was opened first has read all orders, and a new one logs in by the URL of today", async () => {
  expect(await reader?.end()).toEqual([ALL_THERE]);
  expect(await sql(await url(), "SELECT count(*), current_user FROM orders")).toBe("2000|shop\n");
});

test("nothing of the site stays on its hosts, and its data go, as declared", async () => {
  await project.destroy("in a component");
  expect(await table(hosts.director)).toEqual([""]);
  const after = await seen();
  expect(after.data).not.toMatch(/shop|enamel/);
  // The server was restarted with its first configuration.
  const lasting = (host = "") => host.replace(/^\w+ +\/run\/units\/.*\n/gm, "");
  for (const host of ["director", "rs1", "rs2", "db"])
    expect([host, lasting(after[host])]).toEqual([host, lasting(found[host])]);
});

/** Which words of a command change something. */
const CHANGES = {
  ipvsadm: '*" -"[AEDaedCR]*',
  ip: ["add", "append", "change", "del", "flush", "replace", "set"].map((verb) => `*" ${verb} "*`).join("|"),
};

/** Puts programs in the place of ipvsadm and ip on a host, which note each call that changes something, and do it. */
async function noting(host: KernelHost): Promise<void> {
  for (const [tool, words] of Object.entries(CHANGES)) {
    const path = (await host.run(`mkdir -p /usr/local/sbin; command -v ${tool}`)).trim();
    const text = `#!/bin/sh\ncase " $* " in ${words}) echo "${tool} $*" >>/run/changed;; esac\nexec ${path} "$@"\n`;
    await host.run(`cat >/usr/local/sbin/${tool}; chmod 755 /usr/local/sbin/${tool}; : >/run/changed`, text);
  }
}

test("a site that was set up by hand is adopted: creations that change nothing, then no change, then a weight", async () => {
  const site = [hosts.director, hosts.rs1, hosts.rs2];
  await hosts.director.run(`echo 1 >/proc/sys/net/ipv4/ip_forward; ipvsadm -C; ipvsadm -R`, `${LINES.join("\n")}\n`);
  for (const server of [hosts.rs1, hosts.rs2]) await server.run("ip route replace default via 10.2.0.1");
  await alternate(hosts.client, URL);
  await adopted.write(site);
  const preview = await adopted.pulumi("preview");
  expect(preview.split("Resources:\n")[1]?.trim()).toMatch(/^\+ \d+ to create$/);
  for (const host of site) await noting(host);
  const failures = await failuresUnder(hosts.client, URL, async () => {
    await adopted.up();
    await adopted.up("--refresh", "--expect-no-changes");
  });
  expect(failures).toEqual([]);
  for (const host of site) expect([host.name, await host.run("cat /run/changed")]).toEqual([host.name, ""]);
  expect(await table(hosts.director)).toEqual(LINES);

  adopted.edit((text) => text.replace('host("rs1"), address: "10.2.0.11", weight: 1', "$&0"));
  expect(await failuresUnder(hosts.client, URL, () => adopted.up())).toEqual([]);
  expect(await table(hosts.director)).toEqual(
    LINES.map((line) => line.replace(/(10\.2\.0\.11:80 .*)-w 1$/, "$1-w 10")),
  );
  expect(await hosts.director.run("cat /run/changed")).toMatch(/^ipvsadm .*\n$/);
});
