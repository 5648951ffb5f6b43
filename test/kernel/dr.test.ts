import { DrCluster } from "pulumi-lvs";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { ask, declared, serve, table } from "./site";

jest.setTimeout(120_000);

const VIP = "10.0.0.9";
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({
    director: { eth0: ["lan", "10.0.0.2/24"] },
    rs1: { eth0: ["lan", "10.0.0.11/24"] },
    rs2: { eth0: ["lan", "10.0.0.12/24"] },
    client: { eth0: ["lan", "10.0.0.21/24"] },
  });
  await serve(hosts.rs1);
  await serve(hosts.rs2);
});
afterAll(() => kernel?.end());

function site(): void {
  const realServers = [
    { host: declared(hosts.rs1), address: "10.0.0.11" },
    { host: declared(hosts.rs2), address: "10.0.0.12" },
  ];
  new DrCluster("dr", { director: declared(hosts.director), vip: VIP, realServers });
}

test("a site of direct routing answers, both real servers in turn", async () => {
  await stack.up(site);
  expect(await table(hosts.director)).toEqual([
    `-A -t ${VIP}:80 -s wrr`,
    `-a -t ${VIP}:80 -r 10.0.0.11:80 -g -w 1`,
    `-a -t ${VIP}:80 -r 10.0.0.12:80 -g -w 1`,
  ]);
  const answers = await ask(hosts.client, `http://${VIP}/`, 8);
  expect(answers.slice(0, 2).sort()).toEqual(["rs1", "rs2"]);
  expect(answers.slice(2)).toEqual([...answers, ...answers].slice(0, 6));
  expect(await stack.drift(site)).toEqual([]);
});
