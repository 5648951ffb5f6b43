import { DrCluster, NatCluster } from "pulumi-lvs";
import { manageServices } from "../namespaces/service-manager";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { noticedUnder } from "./load";
import { ask, declared, serve, table } from "./site";

jest.setTimeout(300_000);

const VIP = "10.0.0.9";
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"d1" | "d2" | "rs1" | "rs2" | "client", KernelHost>;
const found: Record<string, string> = {};

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({
    d1: { eth0: ["lan", "10.0.0.2/24"], eth1: ["inside", "10.2.0.2/24"] },
    d2: { eth0: ["lan", "10.0.0.3/24"], eth1: ["inside", "10.2.0.3/24"] },
    rs1: { eth0: ["lan", "10.0.0.11/24"], eth1: ["inside", "10.2.0.11/24"] },
    rs2: { eth0: ["lan", "10.0.0.12/24"], eth1: ["inside", "10.2.0.12/24"] },
    client: { eth0: ["lan", "10.0.0.21/24"] },
  });
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  for (const host of [hosts.d1, hosts.d2]) {
    await manageServices(host);
    found[host.name] = await snapshot(host);
  }
});
afterAll(() => kernel?.end());

const directors = () => [declared(hosts.d1), declared(hosts.d2)];
const realServers = (network: string) =>
  (["rs1", "rs2"] as const).map((name, i) => ({ host: declared(hosts[name]), address: `${network}1${i + 1}` }));

const dr = () => {
  const failover = { by: "vrrp", addresses: ["10.0.0.2", "10.0.0.3"] } as const;
  new DrCluster("dr", {
    directors: directors(),
    failover: { ...failover, addresses: [...failover.addresses] },
    vip: VIP,
    realServers: realServers("10.0.0."),
  });
};

const holders = async (address: string) => {
  const has = await Promise.all([hosts.d1, hosts.d2].map((host) => host.run(`ip -o addr show to ${address}`)));
  return ["d1", "d2"].filter((_, i) => has[i] !== "");
};

test("one of two directors has the VIP", async () => {
  await stack.up(dr);
  console.log(
    await holders(VIP),
    stack.state("Failover"),
    await ask(hosts.client, `http://${VIP}/`),
    await table(hosts.d1),
    await table(hosts.d2),
  );
  console.log(await stack.preview(dr));
  console.log(await stack.drift(dr));
});

test("clean", async () => {
  console.log(await noticedUnder(hosts.client, VIP, () => hosts.d1.run("systemctl stop keepalived")));
  console.log(await holders(VIP), await hosts.d1.run("cat /run/units/keepalived.service.log"));
  await hosts.d1.run("systemctl start keepalived; sleep 3");
  console.log(await holders(VIP));
});
test("destroy", async () => {
  await stack.destroy();
  for (const host of [hosts.d1, hosts.d2]) {
    await host.run("rm /run/units/keepalived.service.log && rmdir /run/units");
    expect(await snapshot(host)).toBe(found[host.name]);
  }
});
test("power", async () => {
  await stack.up(dr);
  const at = await holders(VIP);
  console.log(at, await noticedUnder(hosts.client, VIP, () => kernel.powerOff(hosts[at[0] as "d1"])));
});
