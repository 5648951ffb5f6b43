import { DrCluster, Host, IpvsTimeouts, Masquerade, Route } from "pulumi-lvs";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { Faults, Relay } from "./faults";
import { type KernelHost, SharedKernel } from "./kernel";
import { table } from "./site";

jest.setTimeout(15 * 60_000);

let kernel: SharedKernel;
let hosts: Record<"director" | "rs1", KernelHost>;
const relays: Record<string, Relay> = {};

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({
    director: { eth0: ["lan", "10.0.0.2/24"], eth1: ["back", "10.0.1.2/24"] },
    rs1: { eth0: ["lan", "10.0.0.11/24"] },
  });
  for (const host of Object.values(hosts)) relays[host.name] = await Relay.to(host.address);
}, 60_000);

afterAll(async () => {
  for (const relay of Object.values(relays)) relay.close();
  await kernel?.end();
});

interface Declared {
  readonly weight: number;
  readonly ports: number[];
  readonly timeout: number;
  readonly gateway: string;
}

/** A whole site: what of it stands on a director and on a real server. */
function site({ weight, ports, timeout, gateway }: Declared): () => void {
  return () => {
    const host = (one: KernelHost) =>
      new Host(one.name, { ...one.connection, address: "127.0.0.1", port: (relays[one.name] as Relay).port });
    const director = host(hosts.director);
    const rs1 = host(hosts.rs1);
    new DrCluster("dr", {
      ...{ director, vip: "10.0.0.9", ports, persistence: { timeout: 300 } },
      realServers: [{ host: rs1, address: "10.0.0.11", weight }],
    });
    new Masquerade("back", { host: director, source: "10.0.1.0/24", outInterface: "eth0" });
    new IpvsTimeouts("timeouts", { host: director, tcp: timeout });
    new Route("back", { host: rs1, to: "10.0.1.0/24", via: gateway });
  };
}

const first: Declared = { weight: 1, ports: [80, 443], timeout: 700, gateway: "10.0.0.2" };
const second: Declared = { weight: 3, ports: [80, 8080], timeout: 800, gateway: "10.0.0.3" };

test("whatever trip is cut or loses its provider, the next run goes on; at the end every host is as it was", async () => {
  const before = { director: await snapshot(hosts.director), rs1: await snapshot(hosts.rs1) };
  const faults = new Faults(["cut", "kill"], async () => {
    for (const relay of Object.values(relays)) relay.cut();
  });
  const stack = new Stack("cuts", faults.start);
  const runs: Record<string, number> = {};
  const until = async (what: string, run: () => Promise<unknown>) => {
    const t0 = Date.now();
    faults.arm();
    for (runs[what] = 1; ; runs[what]++) {
      try {
        await run();
        break;
      } catch (error) {
        expect((error as Error).message).toMatch(/the provider was killed|the connection was lost/);
      }
    }
    faults.arm(false);
    console.log(what, runs[what], JSON.stringify(faults.struck), Date.now() - t0);
  };

  await until("up", () => stack.up(site(first)));
  expect(await stack.drift(site(first))).toEqual([]);
  expect(await table(hosts.director)).toEqual(["-A -f 99 -s wrr -p 300", "-a -f 99 -r 10.0.0.11:0 -g -w 1"]);
  await until("update", () => stack.up(site(second)));
  expect(await stack.drift(site(second))).toEqual([]);
  expect(await table(hosts.director)).toContain("-a -f 99 -r 10.0.0.11:0 -g -w 3");
  await until("destroy", () => stack.destroy());
  expect(stack.made).toEqual([]);
  expect({ director: await snapshot(hosts.director), rs1: await snapshot(hosts.rs1) }).toEqual(before);
});
