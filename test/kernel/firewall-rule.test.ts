import { FirewallRule, NatCluster } from "pulumi-lvs";
import { adviceOf } from "./advice";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { alternate, ask, declared, serve } from "./site";

// A virtual service is on the way of what a host takes in (net/netfilter/ipvs/ip_vs_core.c, LOCAL_IN): its clients have to get
// through the director's firewall, here one of iptables' own.

jest.setTimeout(300_000);

const VIP = "10.1.0.1";
const URL = `http://${VIP}/`;
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client" | "stranger", KernelHost>;

const rules = () => hosts.director.run("iptables -S; ip6tables -S");

beforeAll(async () => {
  kernel = await SharedKernel.boot("bookworm");
  hosts = await kernel.hosts({
    director: { eth0: ["outside", `${VIP}/24`], eth1: ["inside", "10.2.0.1/24"] },
    rs1: { eth0: ["inside", "10.2.0.11/24"] },
    rs2: { eth0: ["inside", "10.2.0.12/24"] },
    client: { eth0: ["outside", "10.1.0.21/24"] },
    stranger: { eth0: ["outside", "10.1.0.22/24"] },
  });
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  await hosts.director.run("iptables -A INPUT -i eth0 -m comment --comment 'owner says no' -j DROP");
});
afterAll(() => kernel?.end());

function program(more: object | undefined) {
  return () => {
    const director = declared(hosts.director);
    const realServers = (["rs1", "rs2"] as const).map((name, i) => {
      return { host: declared(hosts[name]), address: `10.2.0.${11 + i}` };
    });
    new NatCluster("nat", { director, vip: VIP, gateway: "10.2.0.1", clients: "10.1.0.0/24", realServers });
    if (more) new FirewallRule("web", { host: director, port: 80, ...more });
  };
}

test("clients reach a virtual service through the director's firewall while it is let in", async () => {
  const found = await rules();
  const advice = await adviceOf(() => stack.up(program(undefined)));
  expect(advice.filter(({ name }) => name.startsWith("firewall"))).toEqual([
    { name: "firewall", host: "director", said: expect.stringContaining('new FirewallRule("…", { host, port: 80 })') },
  ]);
  expect(await ask(hosts.client, URL, 1)).toEqual(["-"]);

  expect(await stack.up(program({ source: "10.1.0.21" }))).toEqual(["create FirewallRule web"]);
  await alternate(hosts.client, URL);
  expect(await ask(hosts.stranger, URL, 1)).toEqual(["-"]);
  expect(await stack.preview(program({ source: "10.1.0.21" }))).toEqual([]);

  expect(await stack.up(program({ inInterface: "eth0" }))).toEqual([
    ...["replace FirewallRule web", "delete FirewallRule web"],
  ]);
  await alternate(hosts.stranger, URL);

  await stack.up(program(undefined));
  expect(await ask(hosts.client, URL, 1)).toEqual(["-"]);
  expect(await rules()).toBe(found);
});
