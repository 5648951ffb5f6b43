import { Bird, DrCluster, VipAlias } from "pulumi-lvs";
import { METRICS_SCRIPT } from "../../sdk/metrics/script";
import { manageServices } from "../namespaces/service-manager";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { Installed } from "./installed";
import { type KernelHost, SharedKernel } from "./kernel";
import { noticedUnder } from "./load";
import { hasBird, route } from "./router";
import { declared, serve, table, until } from "./site";

jest.setTimeout(600_000);

const VIP = "10.9.0.9";
const SIX = "fd09::9";
const directors = ["d1", "d2", "d3"] as const;
let kernel: SharedKernel;
let hosts: Record<(typeof directors)[number] | "rs1" | "rs2" | "router" | "client", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  const on = (last: number) => ({ eth0: ["lan", `10.0.0.${last}/24`, `fd00::${last}/64`] });
  hosts = await kernel.hosts({
    ...{ d1: on(2), d2: on(3), d3: on(4), rs1: on(11), rs2: on(12) },
    router: { ...on(1), eth1: ["outside", "10.1.0.1/24", "fd01::1/64"] },
    client: { eth0: ["outside", "10.1.0.21/24", "fd01::21/64"] },
  } as never);
  for (const host of [hosts.d1, hosts.d2, hosts.d3, hosts.rs1, hosts.rs2])
    await host.run("ip route add 10.1.0.0/24 via 10.0.0.1; ip route add fd01::/64 via fd00::1");
  for (const name of ["rs1", "rs2"] as const) await serve(hosts[name]);
  await hosts.client.run("ip route add 10.9.0.0/24 via 10.1.0.1; ip route add fd09::/64 via fd01::1");
  for (const name of directors) {
    await manageServices(hosts[name]);
    await hasBird(hosts[name]);
  }
  await route(hosts.router, 64512, ["10.0.0.2", "10.0.0.3", "10.0.0.4", "fd00::2", "fd00::3", "fd00::4"]);
});
afterAll(() => kernel?.end());

const neighbour = (address: string) => ({ address, asn: 64512, password: "secret" });

test("BIRD by itself announces addresses of both families, and leaves a host as it was found", async () => {
  const before = await snapshot(hosts.d1);
  const alone = () => {
    const host = declared(hosts.d1);
    for (const [name, address, router] of [
      ["four", VIP, "10.0.0.1"],
      ["six", SIX, "fd00::1"],
    ] as const) {
      const after = [new VipAlias(`${name}-vip`, { host, address, device: "lo" })];
      new Bird(name, { host, asn: 64513, addresses: [address], neighbours: [neighbour(router)], after });
    }
  };
  const stack = new Stack("alone");
  await stack.up(alone);
  await until(hosts.router, `ip route show ${VIP}`, /via 10\.0\.0\.2 /);
  await until(hosts.router, `ip -6 route show ${SIX}`, /via fd00::2 /);
  await until(hosts.client, `ping -c 1 -w 1 ${SIX} || :`, / 0% packet loss/);
  expect(await stack.preview(alone)).toEqual([]);
  await stack.refresh();
  const told = await hosts.d1.run("sh -s shop", METRICS_SCRIPT);
  for (const vip of [VIP, SIX]) expect(told).toContain(`lvs_vip_announced{site="shop",vip="${vip}"} 1\n`);
  expect(told).not.toContain("lvs_vip_held");
  const { sessions } = stack.state("BgpAnnouncement", "four");
  expect(sessions).toEqual({
    "10.0.0.1": { state: "Established", since: expect.stringMatching(/^20\d\d-/) },
    "fd00::1": { state: "Established", since: expect.stringMatching(/^20\d\d-/) },
  });
  await stack.destroy();
  await until(hosts.router, `ip route show ${VIP}; ip -6 route show ${SIX}`, /^$/);
  await hosts.d1.run("rm /run/units/bird.service.log && rmdir /run/units");
  expect(await snapshot(hosts.d1)).toBe(before);
});

const stack = new Stack();
const command = new Installed(stack);

/** Three directors that serve at the same time. */
const site = () => {
  const realServers = (["rs1", "rs2"] as const).map((name, i) => ({
    ...{ host: declared(hosts[name]), address: `10.0.0.1${i + 1}` },
  }));
  new DrCluster("shop", {
    ...{ directors: directors.map((name) => declared(hosts[name])), vip: VIP, realServers },
    failover: { by: "ecmp", asn: 64513, neighbours: [neighbour("10.0.0.1")] },
  });
};

/** Waits until the router has these ways to the VIP. */
const ways = (...to: string[]) =>
  until(
    hosts.router,
    `echo $(ip route show ${VIP} | grep -o 'via [^ ]*' | sort)`,
    new RegExp(`^${to.map((one) => `via ${one}`).join(" ")}$`, "m"),
  );

test("all directors serve at the same time, and choose alike", async () => {
  await stack.up(site);
  await ways("10.0.0.2", "10.0.0.3", "10.0.0.4");
  expect(await table(hosts.d2)).toEqual(await table(hosts.d1));
  expect(await table(hosts.d3)).toEqual(await table(hosts.d1));
  expect(await table(hosts.d1)).toContain(`-A -t ${VIP}:80 -s mh -b mh-fallback,mh-port`);
  expect(await stack.preview(site)).toEqual([]);
  const { exit, stdout } = await command.run("status");
  expect(stdout.match(/^ {2}shop {2}announced; 10\.0\.0\.1 Established since 20\d\d-\S+$/gm)).toHaveLength(3);
  expect(exit).toBe(0);
});

test("a director that withdraws and returns, and one that loses power: nobody notices", async () => {
  const planned = await noticedUnder(hosts.client, VIP, async () => {
    expect(await command.run("drain", "d1", "--reason", "new memory")).toMatchObject({
      ...{ exit: 0, stdout: expect.stringContaining("shop: withdrawn\n") },
    });
    await ways("10.0.0.3", "10.0.0.4");
    // What an operator has withdrawn is no difference.
    expect(await stack.drift(site)).toEqual([]);
    expect(stack.state("BgpAnnouncement", "shop-bird-d1").withdrawn).toMatchObject({ reason: "new memory" });
    expect(await command.run("status")).toMatchObject({
      ...{ exit: 3, stdout: expect.stringMatching(/^d1 .*\n {2}shop {2}withdrawn since \S+: new memory /m) },
    });
    expect(await command.run("return", "d1")).toMatchObject({ exit: 0, stdout: "shop: announced again\n" });
    await ways("10.0.0.2", "10.0.0.3", "10.0.0.4");
  });
  expect(planned).toMatchObject({ failed: 0, kept: 20 });
  const lost = await noticedUnder(hosts.client, VIP, async () => {
    await kernel.powerOff(hosts.d3);
    await ways("10.0.0.2", "10.0.0.3");
  });
  expect(lost).toMatchObject({ failed: 0, kept: 20 });
});
