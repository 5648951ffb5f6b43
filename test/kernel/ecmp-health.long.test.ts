import { DrCluster } from "pulumi-lvs";
import { poll } from "../../provider/host/poll";
import { manageServices } from "../namespaces/service-manager";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { Installed } from "./installed";
import { type KernelHost, SharedKernel } from "./kernel";
import { noticedUnder } from "./load";
import { hasBird, route } from "./router";
import { ask, declared, serve, table, until } from "./site";

jest.setTimeout(600_000);

// Directors that serve at the same time and check the real servers: one that reaches none of them withdraws the VIP.

const VIP = "10.9.0.9";
const directors = ["d1", "d2"] as const;
const servers = ["rs1", "rs2"] as const;
const stack = new Stack();
const command = new Installed(stack);
let kernel: SharedKernel;
let hosts: Record<(typeof directors)[number] | (typeof servers)[number] | "router" | "client", KernelHost>;
let found: string;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  const on = (last: number) => ({ eth0: ["lan", `10.0.0.${last}/24`] });
  hosts = await kernel.hosts({
    ...{ d1: on(2), d2: on(3), rs1: on(11), rs2: on(12) },
    router: { ...on(1), eth1: ["outside", "10.1.0.1/24"] },
    client: { eth0: ["outside", "10.1.0.21/24"] },
  } as never);
  for (const name of [...directors, ...servers]) await hosts[name].run("ip route add 10.1.0.0/24 via 10.0.0.1");
  for (const name of servers) await serve(hosts[name]);
  await hosts.client.run("ip route add 10.9.0.0/24 via 10.1.0.1");
  for (const name of directors) {
    await manageServices(hosts[name]);
    await hasBird(hosts[name]);
  }
  await route(hosts.router, 64512, ["10.0.0.2", "10.0.0.3"]);
  found = await snapshot(hosts.d1);
});
afterAll(() => kernel?.end());

const site = () => {
  new DrCluster("shop", {
    directors: directors.map((name) => declared(hosts[name])),
    failover: { by: "ecmp", asn: 64513, neighbours: [{ address: "10.0.0.1", asn: 64512, password: "secret" }] },
    vip: VIP,
    // A director that clients have left for the other one does not hear that their connections end.
    drain: { timeout: 3 },
    realServers: servers.map((name, i) => ({ host: declared(hosts[name]), address: `10.0.0.1${i + 1}` })),
    health: {
      by: "keepalived",
      // Longer than a busy machine keeps an answer waiting.
      check: { type: "http", path: "/", retries: 1, retryDelay: 1, timeout: 2 },
      interval: 1,
    },
  });
};

/** Waits until the router has these ways to the VIP. */
const ways = (...to: string[]) =>
  until(
    hosts.router,
    `echo $(ip route show ${VIP} | grep -o 'via [^ ]*' | sort)`,
    new RegExp(`^${to.map((one) => `via ${one}`).join(" ")}$`, "m"),
  );
/** As where a switch fails: what a director sends to the real servers reaches nobody. */
const cut = (name: (typeof directors)[number]) =>
  hosts[name].run(`for server in 10.0.0.11 10.0.0.12; do
    ip neighbour replace $server lladdr 02:00:00:00:00:01 nud permanent dev eth0; done`);
const mend = (name: (typeof directors)[number]) =>
  hosts[name].run("for server in 10.0.0.11 10.0.0.12; do ip neighbour delete $server dev eth0; done");
const weights = async (name: (typeof directors)[number]) =>
  (await table(hosts[name])).flatMap((line) => / -w (\d+)/.exec(line)?.[1] ?? []);

test("directors check, choose alike, and announce", async () => {
  await stack.up(site);
  await ways("10.0.0.2", "10.0.0.3");
  const service = [`-A -t ${VIP}:80 -s mh -b mh-fallback,mh-port`];
  const real = ["10.0.0.11", "10.0.0.12"].map((one) => `-a -t ${VIP}:80 -r ${one}:80 -g -w 1`);
  for (const name of directors) expect(await table(hosts[name])).toEqual([...service, ...real]);
  expect(await stack.preview(site)).toEqual([]);
  expect(await stack.drift(site)).toEqual([]);
});

test("a server that fails has weight 0 on both, and both go on", async () => {
  await hosts.rs2.run("nginx -c /run/web/conf -s stop");
  for (const name of directors) await until(hosts[name], "ipvsadm -Sn", /10\.0\.0\.12:80 -g -w 0/);
  await ways("10.0.0.2", "10.0.0.3");
  expect(new Set(await ask(hosts.client, `http://${VIP}/`, 8))).toEqual(new Set(["rs1"]));
  await hosts.rs2.run("nginx -c /run/web/conf");
  for (const name of directors) await until(hosts[name], "ipvsadm -Sn", /10\.0\.0\.12:80 -g -w 1/);
});

test("a director that stood still, as a busy machine may, is back within seconds", async () => {
  const signal = (which: string) => hosts.d1.run(`kill -${which} "$(systemctl show -p MainPID --value bird)"`);
  await signal("STOP");
  await ways("10.0.0.3");
  await signal("CONT");
  await ways("10.0.0.2", "10.0.0.3");
});

test("a director that is cut off from the real servers withdraws the VIP, and announces it again: open connections go on", async () => {
  const noticed = await noticedUnder(hosts.client, VIP, async () => {
    await cut("d1");
    await ways("10.0.0.3");
    // A busy machine may end the session with the router before the director has withdrawn.
    const itself = / {2}shop {2}withdrawn by itself since \S+: 10\.9\.0\.9:80 has no real server for clients; /;
    const isTold = ({ stdout }: { stdout: string }) => itself.test(stdout);
    const { exit, stdout } = await poll(() => command.run("status"), isTold, { within: 30, every: 1 });
    expect(stdout).toMatch(itself);
    expect(exit).toBe(3);
    expect(await command.run("drain", "d2", "--reason", "new memory")).toMatchObject({
      ...{ exit: 1, stderr: expect.stringContaining("d1 has withdrawn by itself: 10.9.0.9:80 has no real server") },
    });
    // It is health, and no difference.
    expect(await stack.drift(site)).toEqual([]);
    expect(stack.state("BgpAnnouncement", "shop-bird-d1").unfit).toMatchObject({ since: expect.any(String) });
    await mend("d1");
    await ways("10.0.0.2", "10.0.0.3");
  });
  expect(noticed.kept).toBe(20);
  // For a moment the director refuses new clients: its table has nobody, and the router does not know yet. A second has 20.
  expect(noticed.failed).toBeLessThan(20);
});

test("a director whose table somebody has emptied withdraws the VIP until the table is repaired", async () => {
  await hosts.d2.run("ipvsadm -C");
  await ways("10.0.0.2");
  expect(await stack.drift(site)).toEqual(["update HealthChecks shop-health-d2"]);
  await stack.up(site);
  await ways("10.0.0.2", "10.0.0.3");
});

test("servers that are all drained are no reason to withdraw: their connections go on", async () => {
  for (const address of ["10.0.0.11", "10.0.0.12"])
    expect(
      await command.run("drain", address, "--reason", "new disks", "--force", "--timeout", "3", "--cut"),
    ).toMatchObject({ exit: 0 });
  for (const name of directors) expect(await weights(name)).toEqual(["0", "0"]);
  await hosts.d1.run("sleep 3");
  await ways("10.0.0.2", "10.0.0.3");
  for (const address of ["10.0.0.11", "10.0.0.12"])
    expect(await command.run("return", address)).toMatchObject({ exit: 0 });
  for (const name of directors) expect(await weights(name)).toEqual(["1", "1"]);
});

test("where no server is fit all directors withdraw, also over a restart of the judge and of BIRD", async () => {
  for (const name of servers) await hosts[name].run("nginx -c /run/web/conf -s stop");
  await until(hosts.router, `ip route show ${VIP}`, /^$/);
  await hosts.d1.run("systemctl restart lvs-judge-shop; systemctl restart bird");
  await until(hosts.router, "birdc show protocols d1", /Established/);
  await hosts.d1.run("sleep 3");
  expect(await hosts.router.run(`ip route show ${VIP}`)).toBe("");
  for (const name of servers) await hosts[name].run("nginx -c /run/web/conf");
  await ways("10.0.0.2", "10.0.0.3");
});

test("a director is as it was found, also where it had withdrawn", async () => {
  await cut("d1");
  await ways("10.0.0.3");
  await mend("d1");
  await stack.destroy();
  await hosts.d1.run("rm /run/units/*.log && rmdir /run/units");
  expect(await snapshot(hosts.d1)).toBe(found);
});
