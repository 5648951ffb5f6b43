import { DrCluster, NatCluster, VipAlias } from "pulumi-lvs";
import { givenUpFile } from "../../provider/model";
import { manageServices } from "../namespaces/service-manager";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { hasHeardOf, type Noticed, noticedUnder } from "./load";
import { declared, serve, until } from "./site";

jest.setTimeout(600_000);

// A site that runs gets a second director, and has one again, while clients are there.

const DR = "10.0.0.9";
const NAT = "10.1.0.9";
const GATEWAY = "10.2.0.1";
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"d1" | "d2" | "rs1" | "rs2" | "client" | "outside", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  const on = (last: number) => ({ eth0: ["lan", `10.0.0.${last}/24`], eth1: ["inside", `10.2.0.${last}/24`] });
  hosts = await kernel.hosts({
    d1: { ...on(2), eth2: ["outside", "10.1.0.2/24"] },
    d2: { ...on(3), eth2: ["outside", "10.1.0.3/24"] },
    rs1: on(11),
    rs2: on(12),
    client: { eth0: ["lan", "10.0.0.21/24"] },
    outside: { eth0: ["outside", "10.1.0.21/24"] },
  } as never);
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  for (const host of [hosts.d1, hosts.d2]) await manageServices(host);
});
afterAll(() => kernel?.end());

const sites = (two: boolean) => () => {
  const [d1, d2] = [declared(hosts.d1), declared(hosts.d2)];
  const realServers = (network: string) =>
    (["rs1", "rs2"] as const).map((name, i) => ({ host: declared(hosts[name]), address: `${network}1${i + 1}` }));
  const by = (addresses: string[], one: object, more = {}) =>
    two ? { directors: [d1, d2], failover: { by: "vrrp" as const, addresses, ...more } } : one;
  new DrCluster("dr", {
    ...by(["10.0.0.2", "10.0.0.3"], { director: d1 }),
    ...{ vip: DR, realServers: realServers("10.0.0.") },
    // The former holder counts the connections that began there.
    drain: { timeout: 2 },
  });
  const own = two
    ? []
    : [
        new VipAlias("vip", { host: d1, address: NAT, device: "eth2" }),
        new VipAlias("gateway", { host: d1, address: GATEWAY, device: "eth1" }),
      ];
  const pair = by(["10.2.0.2", "10.2.0.3"], { directors: [d1] }, { outside: "eth2", routerId: 52, sync: false });
  new NatCluster(
    "nat",
    { ...pair, vip: NAT, gateway: GATEWAY, realServers: realServers("10.2.0.") },
    { dependsOn: own },
  );
};

/** The directors that have the address. */
async function holders(address: string): Promise<string[]> {
  const directors = [hosts.d1, hosts.d2];
  const has = await Promise.all(directors.map((host) => host.run(`ip -o address show to ${address}`)));
  return directors.filter((_, i) => has[i] !== "").map(({ name }) => name);
}

/** An operator has an instance go to the other director. It stays there. */
async function move(instance: string, from: KernelHost, to: KernelHost): Promise<void> {
  await from.run(`echo 1 >${givenUpFile(instance)}`);
  await until(to, `cat /run/lvs/vrrp/${instance}`, /^MASTER /);
  await from.run(`rm ${givenUpFile(instance)}`);
  await until(from, `cat /run/lvs/vrrp/${instance}`, /^BACKUP /);
}

/** What clients of both sites notice. */
function noticed(work: () => Promise<unknown>): Promise<Noticed[]> {
  let working: Promise<unknown> | undefined;
  const once = () => {
    working ??= work();
    return working;
  };
  return Promise.all([noticedUnder(hosts.client, DR, once, 400), noticedUnder(hosts.outside, NAT, once, 400)]);
}

test("sites have one director again, whoever serves, and lose no request and no connection", async () => {
  const before = await snapshot(hosts.d2);
  await stack.up(sites(true));
  await move("dr", hosts.d1, hosts.d2);
  await move("nat", hosts.d2, hosts.d1);
  expect([await holders(DR), await holders(NAT)]).toEqual([["d2"], ["d1"]]);
  const seen = await noticed(async () => {
    await hasHeardOf(hosts.client, hosts.d1);
    await stack.up(sites(false));
  });
  expect(seen).toMatchObject([
    { failed: 0, kept: 20 },
    { failed: 0, kept: 20 },
  ]);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
  expect(await stack.drift(sites(false))).toEqual([]);
  await hosts.d2.run("rm /run/units/keepalived.service.log && rmdir /run/units");
  expect(await snapshot(hosts.d2)).toBe(before);
});

test("a site gets a second director, and loses no request and no connection", async () => {
  const seen = await noticed(() => stack.up(sites(true)));
  // keepalived takes away the addresses that it finds when it starts, and takes them after three adverts.
  for (const { gap } of seen) expect(gap).toBeLessThan(5000);
  expect(seen).toMatchObject([
    { failed: 0, kept: 20 },
    { failed: 0, kept: 20 },
  ]);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
  expect(await stack.drift(sites(true))).toEqual([]);
});

test("the second director goes on with every connection where the first one loses power", async () => {
  const seen = await noticed(async () => {
    for (const client of [hosts.client, hosts.outside]) await hasHeardOf(client, hosts.d2);
    await kernel.powerOff(hosts.d1);
    await until(hosts.d2, `ip -o address show to ${NAT}`, /10\.1\.0\.9/);
  });
  for (const { failed, kept } of seen) {
    expect(kept).toBe(20);
    expect(failed).toBeLessThanOrEqual(2);
  }
});
