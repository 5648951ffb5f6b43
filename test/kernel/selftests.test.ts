import { DrCluster, NatCluster, VipAlias } from "pulumi-lvs";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { ask, declared, serve, table } from "./site";

// The same networks as in the kernel's own tests of IPVS (tools/testing/selftests/net/netfilter/ipvs.sh). The VIP
// belongs to no network of the clients: their route to the VIP leads to the director. The director reaches the real
// server by a second network. With direct routing and with a tunnel the real server answers on the clients' network
// itself. With NAT the real server is not on that network.

jest.setTimeout(300_000);

const VIP = "203.0.113.110";
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"client" | "director" | "rs", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({
    client: { eth0: ["front", "10.0.0.2/24"] },
    director: { eth0: ["front", "10.0.0.1/24"], eth1: ["back", "172.16.0.1/24"] },
    rs: { eth0: ["front", "10.0.0.3/24"], eth1: ["back", "172.16.0.2/24"] },
  });
  await serve(hosts.rs, [8080]);
  await hosts.client.run(`ip route add ${VIP} via 10.0.0.1`);
});
afterAll(() => kernel?.end());

const lines = (how: string) => [`-A -t ${VIP}:8080 -s rr`, `-a -t ${VIP}:8080 -r 172.16.0.2:8080 ${how}`];

const site = () => ({ director: declared(hosts.director), vip: VIP, ports: 8080, scheduler: "rr" }) as const;
const realServer = () => ({ host: declared(hosts.rs), address: "172.16.0.2" });

/** The answers come from the real server, and the whole of a file arrives. */
async function answers(): Promise<void> {
  expect(await ask(hosts.client, `http://${VIP}:8080/`, 2)).toEqual(["rs", "rs"]);
  const file = `curl -s http://${VIP}:8080/slow | sha256sum`;
  expect(await hosts.client.run(file)).toBe(await hosts.rs.run("sha256sum </run/web/slow"));
}

/** Returns how many bytes a host sent on one of its networks during `work`. */
async function sent(host: KernelHost, device: string, work: () => Promise<unknown>): Promise<number> {
  const count = () => host.run(`cat /sys/class/net/${device}/statistics/tx_bytes`).then(Number);
  const before = await count();
  await work();
  return (await count()) - before;
}

test.each([
  ["dr", "-g -w 1"],
  ["tun", "-i -w 1 --tun-type ipip"],
] as const)("by %s the real server answers on the clients' network", async (forwarding, how) => {
  // Reverse path filtering would drop packets that come in by one network and are answered by another.
  const realServers = [{ ...realServer(), rpFilter: 0 as const }];
  await stack.up(() => {
    new DrCluster("site", { ...site(), forwarding, device: "eth1", realServers });
  });
  expect(await table(hosts.director)).toEqual(lines(how));
  expect(await sent(hosts.director, "eth0", answers)).toBeLessThan(1_000_000);
});

test("by nat it answers through the director", async () => {
  await hosts.rs.run("ip link set eth0 down");
  await stack.up(() => {
    new VipAlias("vip", { host: declared(hosts.director), address: VIP, device: "lo", label: "lo:1" });
    const how = { gateway: "172.16.0.1", clients: "10.0.0.0/24", realServers: [realServer()] };
    new NatCluster("nat", { ...site(), ...how });
  });
  expect(await table(hosts.director)).toEqual(lines("-m -w 1"));
  expect(await sent(hosts.director, "eth0", answers)).toBeGreaterThan(9_000_000);
});
