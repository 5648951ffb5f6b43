import { DrCluster, KeepalivedChecks } from "pulumi-lvs";
import { renderChecks } from "../../sdk/keepalived/checks-config";
import { manageServices } from "../namespaces/service-manager";
import { snapshot } from "../namespaces/snapshot";
import { whole } from "../sdk/keepalived-checks-sample";
import { Stack } from "./engine";
import { Installed } from "./installed";
import { type KernelHost, SharedKernel } from "./kernel";
import { failuresUnder } from "./load";
import { ask, declared, ONE_LAN, serve, table, until } from "./site";

jest.setTimeout(300_000);

// keepalived keeps the table by checks of its own, and hands it over.

const VIP = "10.0.0.9";
const URL = `http://${VIP}/`;
const stack = new Stack();
const command = new Installed(stack);
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client", KernelHost>;
let found: string;

beforeAll(async () => {
  kernel = await SharedKernel.boot("bookworm");
  hosts = await kernel.hosts({ ...ONE_LAN, client: { eth0: ["lan", "10.0.0.21/24"] } });
  await serve(hosts.rs1, [80, 443]);
  await serve(hosts.rs2, [80, 443]);
  await manageServices(hosts.director);
  found = await snapshot(hosts.director);
});
afterAll(() => kernel?.end());

const site = (args: Partial<ConstructorParameters<typeof DrCluster>[1]>) => () => {
  const weight = args.health ? 2 : 1;
  const realServers = (["rs1", "rs2"] as const).map((name, i) => ({
    ...{ host: declared(hosts[name]), address: `10.0.0.1${i + 1}`, weight },
  }));
  new DrCluster("dr", { director: declared(hosts.director), vip: VIP, realServers, ...args });
};

const together = { ports: [80, 443], persistence: { timeout: 10 } };
const persistent = site(together);
const globals = { checkInterval: 1 };
const byLdirectord = site({
  ...together,
  health: { by: "ldirectord", service: "http", checkPort: 80, request: "ok.html", globals },
});
const byKeepalived = (more: object = {}) =>
  site({
    ...together,
    health: {
      by: "keepalived",
      ...{ check: { type: "http", port: 80, path: "/ok.html", retries: 0 }, interval: 1, ...more },
    },
  });
const fixed = site({});

const lines = (weight: number) => [
  "-A -f 99 -s wrr -p 10",
  `-a -f 99 -r 10.0.0.11:0 -g -w ${weight}`,
  `-a -f 99 -r 10.0.0.12:0 -g -w ${weight}`,
];

const dead = (name: "rs1" | "rs2") => hosts[name].run("nginx -c /run/web/conf -s stop");
const inTable = (key: string, lines: number) =>
  until(hosts.director, `ipvsadm -Sn | grep -c -F -e '${key}' || :`, new RegExp(`^${lines}$`, "m"));

test("keepalived takes the table over from a static service without losing a request", async () => {
  await stack.up(persistent);
  expect(await table(hosts.director)).toEqual(lines(1));
  expect(await failuresUnder(hosts.client, URL, () => stack.up(byKeepalived()))).toEqual([]);
  expect(await table(hosts.director)).toEqual(lines(2));
  expect(await stack.preview(byKeepalived())).toEqual([]);
  expect(await stack.drift(byKeepalived())).toEqual([]);
});

test("keepalived accepts all that can be declared, without a word", async () => {
  expect(
    await hosts.director.run("cat >/run/whole.conf; keepalived -t -f /run/whole.conf 2>&1", renderChecks(whole)),
  ).toBe("");
  await hosts.director.run("rm /run/whole.conf");
});

test("keepalived takes an unfit server out, which is health and no drift, and back", async () => {
  await dead("rs2");
  await inTable("10.0.0.12", 0);
  expect(await stack.drift(byKeepalived())).toEqual([]);
  expect(stack.state("HealthChecks").health).toEqual({ 99: { "10.0.0.11:0": "up", "10.0.0.12:0": "down" } });
  const [shown, watched, page] = await Promise.all([
    command.run("status"),
    command.run("watch", "--times", "1"),
    command.run("graph", "--format", "html"),
  ]);
  expect(shown.exit).toBe(3);
  for (const { stdout } of [shown, watched]) expect(stdout).toMatch(/10\.0\.0\.12:0 +0 +0 +0 +0 +0 +0 +down\n/);
  expect(shown.stdout).toMatch(/10\.0\.0\.11:0 +dr +2 .*up\n.*0 not as declared; 1 destination out/s);
  expect(page).toMatchObject({ exit: 0, stdout: expect.stringContaining("fails its check</text>") });
  await hosts.rs2.run("nginx -c /run/web/conf");
  await inTable("10.0.0.12", 1);
  expect(await table(hosts.director)).toEqual(lines(2));
});

test("a server that is drained stays out although its checks succeed, is no drift, and comes back", async () => {
  const drained = await command.run("drain", "10.0.0.11", "--reason", "a new disk");
  expect(drained).toMatchObject({ exit: 0, stdout: expect.stringContaining("10.0.0.11:0 is out, weight 2") });
  await inTable("10.0.0.11", 0);
  await dead("rs1");
  await hosts.director.run("systemctl restart lvs-checks-dr");
  // At its start keepalived adds every server, and reads the file then.
  await until(hosts.director, "grep -c 'Startup complete' /run/units/lvs-checks-dr.service.log", /^2$/m);
  await inTable("10.0.0.11", 0);
  await hosts.rs1.run("nginx -c /run/web/conf");
  expect(new Set(await ask(hosts.client, URL, 4))).toEqual(new Set(["rs2"]));
  expect(await stack.drift(byKeepalived())).toEqual([]);
  expect(await table(hosts.director)).toEqual(lines(2).filter((line) => !line.includes("10.0.0.11")));
  expect(await command.run("return", "10.0.0.11")).toMatchObject({ exit: 0 });
  expect(await table(hosts.director)).toEqual(lines(2));
  expect(await hosts.director.run("ls /etc/keepalived/lvs-checks")).toBe("dr.conf\n");
});

test("weights and scheduling are changed by a reload, and what was changed by hand is put back", async () => {
  const pid = "systemctl show -p MainPID --value lvs-checks-dr";
  const before = await hosts.director.run(pid);
  const changed = byKeepalived({ inhibitOnFailure: true, sorryServer: { address: "10.0.0.21" } });
  expect(await failuresUnder(hosts.client, URL, () => stack.up(changed))).toEqual([]);
  expect(await hosts.director.run(pid)).toBe(before);
  expect(await stack.drift(changed)).toEqual([]);
  await hosts.director.run("ipvsadm -E -f 99 -s rr -p 10; ipvsadm -e -f 99 -r 10.0.0.12 -g -w 7");
  expect(await stack.drift(changed)).toEqual(["update HealthChecks dr-health"]);
  await stack.up(changed);
  expect(await table(hosts.director)).toEqual(lines(2));
  await hosts.director.run("ipvsadm -C");
  expect(await stack.drift(changed)).toEqual(["update HealthChecks dr-health"]);
  await stack.up(changed);
  expect(await table(hosts.director)).toEqual(lines(2));
});

test("another stack has a site with checks of its own, which comes and goes without touching this one", async () => {
  const other = new Stack("other");
  const real = { "10.0.0.11:443": { forwarding: "nat" }, "10.0.0.12:443": { forwarding: "nat" } } as const;
  const more = () => {
    new KeepalivedChecks("more", { host: declared(hosts.director), virtuals: { "10.0.0.2:8443": { real } } });
  };
  const running = () => hosts.director.run("cat /run/lvs-checks-dr.pid /run/lvs-checks-dr.checkers.pid");
  const before = await running();
  await other.up(more);
  expect(await table(hosts.director)).toEqual(
    [
      ...["-A -t 10.0.0.2:8443 -s wrr", "-a -t 10.0.0.2:8443 -r 10.0.0.11:443 -m -w 1"],
      ...["-a -t 10.0.0.2:8443 -r 10.0.0.12:443 -m -w 1", ...lines(2)],
    ].sort(),
  );
  expect(await other.drift(more)).toEqual([]);
  await other.destroy();
  expect(await table(hosts.director)).toEqual(lines(2));
  expect(await running()).toBe(before);
});

test("the sorry server serves while every server is out, which is no drift", async () => {
  const sorry = byKeepalived({ inhibitOnFailure: true, sorryServer: { address: "10.0.0.21" } });
  for (const name of ["rs1", "rs2"] as const) await dead(name);
  await inTable("-r 10.0.0.21:0", 1);
  expect(await stack.drift(sorry)).toEqual([]);
  expect(stack.state("HealthChecks").health).toEqual({ 99: { "10.0.0.11:0": "down", "10.0.0.12:0": "down" } });
  for (const name of ["rs1", "rs2"] as const) await hosts[name].run("nginx -c /run/web/conf");
  for (const name of ["10.0.0.11", "10.0.0.12"]) await inTable(`-r ${name}:0 -g -w 2`, 1);
  await inTable("-r 10.0.0.21:0", 0);
});

test("ldirectord takes the table over from keepalived without losing a request, and keepalived from ldirectord", async () => {
  expect(await failuresUnder(hosts.client, URL, () => stack.up(byLdirectord))).toEqual([]);
  expect(await table(hosts.director)).toEqual(lines(2));
  expect(await hosts.director.run("systemctl is-active lvs-checks-dr || :")).toBe("failed\n");
  expect(await failuresUnder(hosts.client, URL, () => stack.up(byKeepalived()))).toEqual([]);
  expect(await table(hosts.director)).toEqual(lines(2));
  expect(await hosts.director.run("systemctl is-active ldirectord || :")).toBe("failed\n");
  expect(await stack.drift(byKeepalived())).toEqual([]);
});

test("a static service takes the table back from keepalived without losing a request", async () => {
  expect(await failuresUnder(hosts.client, URL, () => stack.up(fixed))).toEqual([]);
  expect(await table(hosts.director)).toHaveLength(3);
  expect(await hosts.director.run("systemctl is-active lvs-checks-dr || :")).toBe("failed\n");
  expect(await stack.preview(fixed)).toEqual([]);
});

test("the director is as it was found", async () => {
  await stack.destroy();
  // The fake systemctl left nothing but the daemons' logs.
  await hosts.director.run(
    "cd /run/units; rm ldirectord.service.log lvs-checks-dr.service.log lvs-checks-more.service.log; rmdir /run/units",
  );
  expect(await snapshot(hosts.director)).toBe(found);
});
