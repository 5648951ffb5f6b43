import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DrCluster } from "pulumi-lvs";
import { Stack } from "./engine";
import { Installed } from "./installed";
import { type KernelHost, SharedKernel } from "./kernel";
import { download } from "./load";
import { ask, declared, ONE_LAN, serve, table } from "./site";

jest.setTimeout(300_000);

// The command `pulumi-lvs` as it is installed, on real tables.

const VIP = "10.0.0.9";
const stack = new Stack("site", undefined, "operate");
const command = new Installed(stack);
const run = command.run.bind(command);
const begin = command.begin.bind(command);
const json = command.json.bind(command);
let kernel: SharedKernel;
let hosts: Record<"director" | "client" | "rs1" | "rs2", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({ ...ONE_LAN, client: { eth0: ["lan", "10.0.0.21/24"] } });
  await Promise.all([serve(hosts.rs1), serve(hosts.rs2)]);
  await stack.up(site);
});
afterAll(() => kernel?.end());

function site() {
  const realServers = (["rs1", "rs2"] as const).map((name, i) => ({
    ...{ host: declared(hosts[name]), address: `10.0.0.1${i + 1}`, weight: i + 1 },
  }));
  new DrCluster("dr", { director: declared(hosts.director), vip: VIP, realServers });
}

test("status: tables, traffic, and what differs from the program", async () => {
  await ask(hosts.client, `http://${VIP}/`, 6);
  const well = await run("status");
  expect(well).toMatchObject({ exit: 0, stdout: expect.stringContaining("0 not as declared; 0 destinations out") });
  expect(well.stdout).toMatch(/10\.0\.0\.9:80 {2}wrr\n.*SERVER.*\n.*10\.0\.0\.11:80 +dr +1 /);

  const { hosts: seen } = await json("status");
  const director = seen.find(({ host }: { host: string }) => host === "director");
  const [service] = director.services;
  expect(service).toMatchObject({ service: `${VIP}:80`, declared: true, scheduler: "wrr" });
  const totals = service.destinations.map((one: { total: { connections: number } }) => one.total.connections);
  expect(totals).toEqual([2, 4]);

  await hosts.director.run(`ipvsadm -e -t ${VIP}:80 -r 10.0.0.11:80 -g -w 7; ipvsadm -A -t 10.0.0.77:99 -s rr`);
  const differs = await run("status");
  expect(differs.exit).toBe(3);
  expect(differs.stdout).toMatch(/director: VirtualService \S+: destinations is .*weight 7/);
  expect(differs.stdout).toMatch(/10\.0\.0\.77:99 {2}rr, not of this stack/);
  await hosts.director.run(`ipvsadm -e -t ${VIP}:80 -r 10.0.0.11:80 -g -w 1; ipvsadm -D -t 10.0.0.77:99`);
});

test("drain waits for a download, is no drift, is shown with its reason, and lasts over a reboot; return ends it", async () => {
  const running = await download(hosts.client, `http://${VIP}/slow`);
  const server = running.server as "rs1" | "rs2";
  const address = server === "rs1" ? "10.0.0.11" : "10.0.0.12";
  const weight = server === "rs1" ? 1 : 2;
  const before = await table(hosts.director);
  const ended = begin("drain", address, "--reason", "first");
  await ended.says("1 connection is open");
  ended.interrupt();
  expect(await ended.ended).toMatchObject({
    exit: 130,
    stderr: expect.stringContaining(`pulumi-lvs return ${address}`),
  });
  // What the words promise: it is out, and the same command goes on.
  expect(await hosts.director.run("ipvsadm -Sn")).toMatch(new RegExp(`-r ${address}:80 -g -w 0`));
  const late = await run("drain", address, "--reason", "first", "--timeout", "1");
  expect(late).toMatchObject({ exit: 1, stderr: expect.stringContaining(`${address} stays out, as it was before`) });
  await run("return", address);
  const failed = await run("drain", address, "--reason", "first", "--timeout", "1");
  expect(failed).toMatchObject({ exit: 1, stderr: expect.stringContaining(`${address} is back: wait longer`) });
  expect(await table(hosts.director)).toEqual(before);

  const draining = begin("drain", address, "--reason", "replacing\x1b[31m a\ndisk\u202e");
  await draining.says("1 connection is open");
  expect(await hosts.director.run("ipvsadm -Sn")).toMatch(new RegExp(`-r ${address}:80 -g -w 0`));
  expect(await running.finish()).toMatch(/^200 9000000 0/);
  const drained = await draining.ended;
  expect(drained.stderr).toContain("1 connection is open");
  expect(drained).toMatchObject({ exit: 0, stdout: expect.stringContaining(`${address}:80 is out, weight ${weight}`) });
  expect(await table(hosts.director)).toContain(`-a -t ${VIP}:80 -r ${address}:80 -g -w 0`);
  expect(new Set(await ask(hosts.client, `http://${VIP}/`, 6))).toEqual(new Set([server === "rs1" ? "rs2" : "rs1"]));

  expect(await stack.drift(site)).toEqual([]);
  const shown = await run("status");
  expect(shown.exit).toBe(3);
  expect(shown.stdout).toMatch(
    new RegExp(`${address}:80 +dr +0 of ${weight} .*out since 20\\S+Z: replacing \\[31m a disk \\(\\S+@\\S+\\)`),
  );
  expect(shown.stdout).toContain("0 not as declared; 1 destination out");
  const drawn = await run("graph", "--format", "html");
  expect(drawn).toMatchObject({ exit: 0, stdout: expect.stringContaining("out for maintenance</text>") });
  expect(drawn.stdout).toMatch(new RegExp(`>0 of ${weight}<[^]*: replacing \\[31m a disk \\(`));

  // What a reboot does: the services come back with their declared weights, then all fragments have run.
  await hosts.director.run("ipvsadm -C; for one in /etc/lvs/boot.d/*; do sh $one; done");
  expect(await table(hosts.director)).toContain(`-a -t ${VIP}:80 -r ${address}:80 -g -w 0`);

  const last = await run("drain", server === "rs1" ? "10.0.0.12" : "10.0.0.11", "--reason", "too much");
  expect(last).toMatchObject({ exit: 1, stderr: expect.stringContaining("is the last server of") });

  expect(await run("return", address)).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining(`${address}:80 is back`),
  });
  expect(await table(hosts.director)).toEqual(before);
  expect(await hosts.director.run("ls -AR /etc/lvs /var/lib/lvs")).not.toMatch(/maintenance/i);
  expect(await run("return", address)).toMatchObject({ exit: 0, stdout: expect.stringContaining("nothing to do") });
});

test("a server that no director has, a host that the stack has not, and wrong words", async () => {
  expect(await run("drain", "10.0.0.99", "--reason", "none")).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining(
      "no director of the stack has the real server 10.0.0.99: there are 10.0.0.11, 10.0.0.12",
    ),
  });
  expect(await run("claims", "rs9")).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining("the stack has no host rs9"),
  });
  expect(await run("drain", "director", "--reason", "none")).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining("director is a director, and no other one of the stack stands in for it"),
  });
  expect(await run("drain", "rs1")).toMatchObject({ exit: 2, stderr: expect.stringContaining("--reason") });
  expect(await run("statsu")).toMatchObject({ exit: 2, stderr: expect.stringContaining("Did you mean status?") });
});

test("graph: from the state alone, as the hosts say, and a page that is written anew until it ends", async () => {
  // The hosts are reached by other addresses than clients' packets: only they can say whose a destination is.
  const declaredWay = '|"dr, weight 2"| host_10_0_0_12';
  await hosts.director.run(`ipvsadm -e -t ${VIP}:80 -r 10.0.0.12:80 -g -w 5`);
  expect(await run("graph")).toMatchObject({ exit: 0, stdout: expect.stringContaining(declaredWay) });
  expect((await json("graph", "--now")).mermaid).toContain('|"dr, weight 5"| host_rs2');
  await hosts.director.run(`ipvsadm -e -t ${VIP}:80 -r 10.0.0.12:80 -g -w 2`);

  const file = join(mkdtempSync(join(tmpdir(), "lvs-page-")), "site.html");
  const live = await run("graph", "--format", "html", "-o", file, "--live", "--every", "1", "--times", "2");
  expect(live).toMatchObject({ exit: 0, stdout: "", stderr: expect.stringContaining(file) });
  const written = readFileSync(file, "utf8");
  expect(written).toContain("operate/site: Linux Virtual Server");
  expect(written).not.toContain('http-equiv="refresh"');
  expect(await run("graph", "--live")).toMatchObject({ exit: 2, stderr: expect.stringContaining("--output") });
  expect(await run("graph", "--format", "png")).toMatchObject({ exit: 2, stderr: expect.stringContaining("svg") });
});

test("claims: what a stack that is gone has left is released, and stays on the host", async () => {
  const gone = new Stack("gone", undefined, "operate");
  await gone.up(site);
  const before = await table(hosts.director);
  const listed = await json("claims", "director");
  const stacks = new Set(listed.claims.map(({ owner }: { owner: string }) => owner.split("/").slice(0, 2).join("/")));
  expect(stacks).toEqual(new Set(["operate/site", "operate/gone"]));
  const released = await run("claims", "director", "--release", "operate/gone");
  expect(released).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^\d+ released\n/) });
  const left = (await json("claims", "director")).claims;
  expect(left.length).toBeGreaterThan(0);
  expect(left.every(({ owner }: { owner: string }) => owner.startsWith("operate/site/"))).toBe(true);
  expect(await table(hosts.director)).toEqual(before);
  expect(await stack.drift(site)).toEqual([]);
});

test("watch: a table after the other; doctor: every host, with what is known to fail", async () => {
  const { stdout } = await run("watch", "--times", "2", "--every", "1", "--json");
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ hosts: seen }) => seen.map(({ host }: { host: string }) => host))).toEqual([
    ["director"],
    ["director"],
  ]);
  const [{ hosts: byWeight }] = (await run("watch", "--times", "1", "--sort", "weight", "--json")).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(byWeight[0].services[0].destinations.map(({ destination }: { destination: string }) => destination)).toEqual([
    ...["10.0.0.12:80", "10.0.0.11:80"],
  ]);
  const asking = hosts.client.run(
    `for i in 1 2 3 4 5 6; do curl -s -o /dev/null -o /dev/null http://${VIP}/ http://${VIP}/; sleep 0.5; done`,
  );
  const screen = await command.onTerminal("watch", "--times", "4", "--every", "1");
  await asking;
  // The hosts are reached by other addresses than the table has.
  expect(screen).toMatch(/ rs1 +10\.0\.0\.11:80 /);
  expect(screen).toMatch(
    /by name {2}\(n, c, r, w: another order; q: end\).*LATELY.*10\.0\.0\.11:80 +dr +1 [ \d]* [▁-█]{4} /s,
  );
  const { hosts: found } = await json("doctor");
  expect(found.map(({ host }: { host: string }) => host).sort()).toEqual(["director", "rs1", "rs2"]);
  expect(found.find(({ host }: { host: string }) => host === "director")).toMatchObject({
    ipvsadm: "1.31",
    clock: expect.any(Number),
  });
  const told = /^director .*, ipvsadm 1\.31, firewall none, MTU 1500 \(eth0, mgmt0\), clock [+-]\d+ s$/m;
  expect((await run("doctor")).stdout).toMatch(told);
  const program = (await hosts.director.run("command -v ipvsadm")).trim();
  await hosts.director.run(`mount --bind /dev/null ${program}`);
  expect((await run("doctor")).stdout).toMatch(/director .*, kernel [^,]*, firewall.*\n {2}it has no ipvsadm: /);
  await hosts.director.run(`umount ${program}`);
  await hosts.rs1.run(
    "sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.lo.arp_ignore=0 net.ipv4.conf.eth0.arp_ignore=0",
  );
  expect(await run("doctor")).toMatchObject({ exit: 3, stdout: expect.stringMatching(/rs1 .*\n {2}.*arp_ignore/) });
});
