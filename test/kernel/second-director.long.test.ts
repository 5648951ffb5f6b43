import { DrCluster, type Host, NatCluster, VipAlias } from "pulumi-lvs";
import { poll } from "../../provider/host/poll";
import { manageServices } from "../namespaces/service-manager";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { Holding, move } from "./holding";
import { type KernelHost, SharedKernel } from "./kernel";
import { hasHeardOf, type Noticed, noticedUnder } from "./load";
import { declared, serve } from "./site";

jest.setTimeout(600_000);

// A site that runs gets more directors, and has one again, while clients are there.

const DR = "10.0.0.9";
const NAT = "10.1.0.9";
const GATEWAY = "10.2.0.1";
const stack = new Stack();
let kernel: SharedKernel;
const NAMES = ["d1", "d2", "d3"] as const;
type Name = (typeof NAMES)[number];
let hosts: Record<Name | "rs1" | "rs2" | "client" | "outside", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  const on = (last: number) => ({ eth0: ["lan", `10.0.0.${last}/24`], eth1: ["inside", `10.2.0.${last}/24`] });
  hosts = await kernel.hosts({
    d1: { ...on(2), eth2: ["outside", "10.1.0.2/24"] },
    d2: { ...on(3), eth2: ["outside", "10.1.0.3/24"] },
    d3: { ...on(4), eth2: ["outside", "10.1.0.4/24"] },
    rs1: on(11),
    rs2: on(12),
    client: { eth0: ["lan", "10.0.0.21/24"] },
    outside: { eth0: ["outside", "10.1.0.21/24"] },
  } as never);
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  for (const name of NAMES) await manageServices(hosts[name]);
});
afterAll(() => kernel?.end());

/** Two sites on these directors; a single one has the addresses by aliases. */
const sites =
  (names: readonly Name[], routerId = 52) =>
  () => {
    const directors = names.map((name) => declared(hosts[name]));
    const d1 = directors[names.indexOf("d1")] as Host;
    const realServers = (network: string) =>
      (["rs1", "rs2"] as const).map((name, i) => ({ host: declared(hosts[name]), address: `${network}1${i + 1}` }));
    const several = names.length > 1;
    const by = (network: string, one: object, more = {}) => {
      const addresses = names.map((name) => `${network}${NAMES.indexOf(name) + 2}`);
      return several ? { directors, failover: { by: "vrrp" as const, addresses, ...more } } : one;
    };
    new DrCluster("dr", {
      ...by("10.0.0.", { director: d1 }),
      ...{ vip: DR, realServers: realServers("10.0.0.") },
      // The former holder counts the connections that began there.
      drain: { timeout: 2 },
    });
    const own = several
      ? []
      : [
          new VipAlias("vip", { host: d1, address: NAT, device: "eth2" }),
          new VipAlias("gateway", { host: d1, address: GATEWAY, device: "eth1" }),
        ];
    const pair = by("10.2.0.", { directors }, { outside: "eth2", routerId, sync: false });
    new NatCluster(
      "nat",
      { ...pair, vip: NAT, gateway: GATEWAY, realServers: realServers("10.2.0.") },
      { dependsOn: own },
    );
  };

/** The directors that have the address. */
async function holders(address: string, names: readonly Name[] = NAMES): Promise<string[]> {
  const has = await Promise.all(names.map((name) => hosts[name].run(`ip -o address show to ${address}`)));
  return names.filter((_, i) => has[i] !== "");
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

/** What clients of both sites notice while they get other directors, and for how long two had an address. */
async function changing(program: () => void, before = async () => {}): Promise<Noticed[]> {
  const holdings = [DR, NAT, GATEWAY].map((address) => new Holding(address));
  for (const holding of holdings) await holding.begin(NAMES.map((name) => hosts[name]));
  const seen = await noticed(async () => {
    await before();
    await stack.up(program);
  });
  for (const holding of holdings) expect((await holding.end()).two).toBeLessThan(3000);
  expect(await stack.drift(program)).toEqual([]);
  return seen;
}

/** The second director as it is before it is one. */
let found: string;

/** Nobody notices that there are more directors, and the one that served serves. */
async function unnoticed(program: () => void): Promise<void> {
  const seen = await changing(program);
  // keepalived takes away the addresses that it finds when it starts, and takes them after three adverts.
  for (const { gap } of seen) expect(gap).toBeLessThan(5000);
  expect(seen).toMatchObject([
    { failed: 0, kept: 20 },
    { failed: 0, kept: 20 },
  ]);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
}

test("a site gets a second director, and loses no request and no connection", async () => {
  await stack.up(sites(["d1"]));
  found = await snapshot(hosts.d2);
  await unnoticed(sites(["d1", "d2"]));
});

test("sites have one director again, whoever serves, and lose no request and no connection", async () => {
  await move("dr", hosts.d1, hosts.d2);
  await move("nat", hosts.d2, hosts.d1);
  expect([await holders(DR), await holders(NAT)]).toEqual([["d2"], ["d1"]]);
  const seen = await noticed(async () => {
    await hasHeardOf(hosts.client, hosts.d1);
    await stack.up(sites(["d1"]));
  });
  expect(seen).toMatchObject([
    { failed: 0, kept: 20 },
    { failed: 0, kept: 20 },
  ]);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
  expect(await stack.drift(sites(["d1"]))).toEqual([]);
  await hosts.d2.run("rm /run/units/keepalived.service.log && rmdir /run/units");
  expect(await snapshot(hosts.d2)).toBe(found);
});

const THREE = ["d2", "d1", "d3"] as const;

test("a site gets two more, stands between them in the list, and loses no request and no connection", () =>
  unnoticed(sites(THREE)));

/** Requests that may be on connections which the other director has not heard of yet, when it takes over. */
const UNDER_WAY = 2;

test("directors that hear each other by another routerId: none of them takes what one has", async () => {
  const seen = await changing(sites(THREE, 62), async () => {
    for (const client of [hosts.client, hosts.outside]) await hasHeardOf(client, hosts.d2);
  });
  for (const { failed, kept } of seen) {
    expect(kept).toBe(20);
    expect(failed).toBeLessThanOrEqual(UNDER_WAY);
  }
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
});

test("of three directors the one that serves loses power: one of the others goes on with every connection", async () => {
  const seen = await noticed(async () => {
    for (const client of [hosts.client, hosts.outside])
      for (const name of ["d2", "d3"] as const) await hasHeardOf(client, hosts[name]);
    await kernel.powerOff(hosts.d1);
    const taken = () => holders(NAT, ["d2", "d3"]);
    await poll(taken, ({ length }) => length > 0, { within: 20, every: 0.2 });
  });
  for (const { failed, kept } of seen) {
    expect(kept).toBe(20);
    expect(failed).toBeLessThanOrEqual(UNDER_WAY);
  }
});
