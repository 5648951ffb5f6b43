import { DrCluster, NatCluster, VipAlias } from "pulumi-lvs";
import { manageServices } from "../namespaces/service-manager";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { Holding, move } from "./holding";
import { type KernelHost, SharedKernel } from "./kernel";
import { hasHeardOf, noticedUnder } from "./load";
import { declared, serve } from "./site";

jest.setTimeout(900_000);

// Directors take the place of others by a change of the program and one `up`, while clients are there.

const DR = "10.0.0.9";
const NAT = "10.1.0.9";
const GATEWAY = "10.2.0.1";
const NAMES = ["d1", "d2", "d3", "d4"] as const;
type Name = (typeof NAMES)[number];
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<Name | "rs1" | "rs2" | "client" | "outside", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  const on = (last: number) => ({ eth0: ["lan", `10.0.0.${last}/24`], eth1: ["inside", `10.2.0.${last}/24`] });
  const director = (last: number) => ({ ...on(last), eth2: ["outside", `10.1.0.${last}/24`] });
  hosts = await kernel.hosts({
    ...{ d1: director(2), d2: director(3), d3: director(4), d4: director(5) },
    ...{ rs1: on(11), rs2: on(12) },
    client: { eth0: ["lan", "10.0.0.21/24"] },
    outside: { eth0: ["outside", "10.1.0.21/24"] },
  } as never);
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  for (const name of NAMES) await manageServices(hosts[name]);
});
afterAll(() => kernel?.end());

/** Requests that may be on connections which the other director has not heard of yet, when it takes over. */
const UNDER_WAY = 2;

/** Two sites on these directors; a single one has the addresses by aliases. */
const sites = (names: readonly Name[]) => () => {
  const directors = names.map((name) => declared(hosts[name]));
  const realServers = (network: string) =>
    (["rs1", "rs2"] as const).map((name, i) => ({ host: declared(hosts[name]), address: `${network}1${i + 1}` }));
  const pair = (network: string, more = {}) =>
    names.length < 2
      ? { directors }
      : {
          directors,
          failover: {
            by: "vrrp" as const,
            addresses: names.map((name) => `${network}${NAMES.indexOf(name) + 2}`),
            ...more,
          },
        };
  // The former holder counts the connections that began there.
  const drain = { timeout: 2 };
  new DrCluster("dr", { ...pair("10.0.0."), drain, vip: DR, realServers: realServers("10.0.0.") });
  const [host] = directors;
  const aliases =
    names.length > 1 || !host
      ? []
      : [
          new VipAlias("vip", { host, address: NAT, device: "eth2" }),
          new VipAlias("gateway", { host, address: GATEWAY, device: "eth1" }),
        ];
  const inside = pair("10.2.0.", { outside: "eth2", routerId: 52, sync: false });
  const nat = { ...inside, drain, vip: NAT, gateway: GATEWAY, realServers: realServers("10.2.0.") };
  new NatCluster("nat", nat, { dependsOn: aliases });
};

async function holders(address: string): Promise<string[]> {
  const has = await Promise.all(NAMES.map((name) => hosts[name].run(`ip -o address show to ${address}`)));
  return NAMES.filter((_, i) => has[i] !== "");
}

/** What clients of both sites notice while the directors become others, and for how long two had an address. */
async function becoming(former: Name, names: readonly Name[], before: () => Promise<unknown> = async () => {}) {
  const program = sites(names);
  const all = [DR, NAT, GATEWAY];
  const holdings = all.map((address) => new Holding(address));
  for (const holding of holdings) await holding.begin(NAMES.map((name) => hosts[name]));
  let working: Promise<unknown> | undefined;
  const once = () => {
    working ??= (async () => {
      for (const client of [hosts.client, hosts.outside]) await hasHeardOf(client, hosts[former]);
      await before();
      await stack.up(program);
    })();
    return working;
  };
  const noticed = await Promise.all([
    noticedUnder(hosts.client, DR, once, 500),
    noticedUnder(hosts.outside, NAT, once, 500),
  ]);
  const held = [];
  for (const holding of holdings) held.push(await holding.end());
  process.stderr.write(`${names}: ${JSON.stringify(noticed)} ${JSON.stringify(held)}\n`);
  for (const { two } of held) expect(two).toBeLessThan(3000);
  for (const { failed, kept } of noticed) {
    expect(kept).toBe(20);
    expect(failed).toBeLessThanOrEqual(UNDER_WAY);
  }
  expect(await stack.drift(program)).toEqual([]);
}

test("the director that serves leaves, and another one comes", async () => {
  const before = await snapshot(hosts.d2);
  await stack.up(sites(["d1", "d2"]));
  await move("dr", hosts.d1, hosts.d2);
  await move("nat", hosts.d1, hosts.d2);
  await becoming("d1", ["d1", "d3"]);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d1"]);
  await hosts.d2.run("rm /run/units/keepalived.service.log && rmdir /run/units");
  expect(await snapshot(hosts.d2)).toBe(before);
});

test("the first of the list is replaced in its place by an `up` that ends halfway, and by the next one", async () => {
  const conf = "/etc/keepalived/keepalived.conf";
  const own = "vrrp_instance own {\n interface eth2\n virtual_router_id 9\n virtual_ipaddress {\n 10.1.0.77\n }\n}\n";
  const halfway = async () => {
    await hosts.d4.run(`mkdir -p /etc/keepalived; cat >${conf}; systemctl enable --now keepalived`, own);
    await expect(stack.up(sites(["d4", "d3"]))).rejects.toThrow(/keepalived works there/);
    await hosts.d4.run(`systemctl disable --now keepalived; rm -r ${conf} /run/units`);
    for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toHaveLength(1);
  };
  await becoming("d3", ["d4", "d3"], halfway);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d3"]);
});

// One that was a director before has entries of clients that are gone, and gives up only after a minute each.
test("the second of the list stays as the only director, while the first one serves", async () => {
  await stack.up(sites(["d4", "d3"]));
  for (const [instance, address] of [
    ["dr", DR],
    ["nat", NAT],
  ] as const)
    if ((await holders(address)).includes("d3")) await move(instance, hosts.d3, hosts.d4);
  await becoming("d3", ["d3"]);
  for (const address of [DR, NAT, GATEWAY]) expect(await holders(address)).toEqual(["d3"]);
});
