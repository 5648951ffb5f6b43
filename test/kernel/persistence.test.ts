import { DrCluster, IpvsTimeouts } from "pulumi-lvs";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { download } from "./load";
import { alternate, answer, declared, ONE_LAN, serve, table, talked } from "./site";

jest.setTimeout(300_000);

const VIP = "10.0.0.9";
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client1" | "client2", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot("bookworm");
  hosts = await kernel.hosts({
    ...ONE_LAN,
    client1: { eth0: ["lan", "10.0.0.21/24"] },
    client2: { eth0: ["lan", "10.0.0.22/24"] },
  });
  await serve(hosts.rs1, [80, 443]);
  await serve(hosts.rs2, [80, 443]);
});
afterAll(() => kernel?.end());

type Declared = Partial<ConstructorParameters<typeof DrCluster>[1]>;

/** Declares a cluster that serves both ports. */
function cluster(args: Declared = {}, weights: Record<string, number> = {}) {
  const realServers = (["rs1", "rs2"] as const).map((server, i) => ({
    host: declared(hosts[server]),
    address: `10.0.0.1${i + 1}`,
    weight: weights[server] ?? 1,
  }));
  const director = declared(hosts.director);
  return new DrCluster("dr", { director, vip: VIP, ports: [80, 443], scheduler: "rr", realServers, ...args });
}

test("two ports are one service by a mark, which iptables sets", async () => {
  const two = () => void cluster();
  await stack.up(two);
  const lines = ["-A -f 99 -s rr", "-a -f 99 -r 10.0.0.11:0 -g -w 1", "-a -f 99 -r 10.0.0.12:0 -g -w 1"];
  expect(await table(hosts.director)).toEqual(lines);
  const rules = "iptables-legacy -t mangle -S PREROUTING | grep -o 'dport.*' | sort";
  const marks = (port: number) =>
    `dport ${port} -m comment --comment "lvs mark 99 ${VIP} tcp" -j MARK --set-xmark 0x63/0xffffffff`;
  expect((await hosts.director.run(rules)).trim().split("\n")).toEqual([443, 80].map(marks).sort());
  await alternate(hosts.client1, `http://${VIP}/`);
  await alternate(hosts.client1, `http://${VIP}:443/`);
  await hosts.director.run("iptables-legacy -t mangle -F");
  expect(await stack.drift(two)).toEqual(["update FirewallMark dr-packets"]);
  await stack.up(two);
  await alternate(hosts.client1, `http://${VIP}:443/`);
});

describe("persistence", () => {
  const persistent = (weights?: Record<string, number>, args?: Declared) => () => {
    const { director } = cluster({ persistence: { timeout: 60 }, ...args }, weights);
    // IPVS keeps a client on its server as long as the table has the client's ended connections. This setting shortens
    // that.
    new IpvsTimeouts("timeouts", { host: declared(hosts.director), tcpFin: 2 }, { dependsOn: director });
  };
  const both = async (client: KernelHost) => {
    const script = `for i in 1 2; do curl -s http://${VIP}/; curl -s http://${VIP}:443/; done`;
    return (await client.run(script)).trim().split("\n");
  };
  let own: Record<"client1" | "client2", string>;

  test("keeps a client on one real server over both ports, and another client on the other", async () => {
    await stack.up(persistent());
    expect(await table(hosts.director)).toEqual([
      "-A -f 99 -s rr -p 60",
      "-a -f 99 -r 10.0.0.11:0 -g -w 1",
      "-a -f 99 -r 10.0.0.12:0 -g -w 1",
    ]);
    const [first, second] = [await both(hosts.client1), await both(hosts.client2)];
    own = { client1: first[0] as string, client2: second[0] as string };
    expect([own.client1, own.client2].sort()).toEqual(["rs1", "rs2"]);
    expect(first).toEqual(first.map(() => own.client1));
    expect(second).toEqual(second.map(() => own.client2));
    expect(await stack.preview(persistent())).toEqual([]);
  });

  test("holds for UDP beside them, with a mark for each protocol", async () => {
    const quic = persistent({}, { ports: [80, 443, "443/udp"] });
    expect(await stack.up(quic)).toEqual(["create FirewallMark dr-packets-udp"]);
    const ends = [await answer(hosts.rs1, VIP, "udp:443"), await answer(hosts.rs2, VIP, "udp:443")];
    for (const [name, address] of [
      ["client1", "10.0.0.21"],
      ["client2", "10.0.0.22"],
    ] as const) {
      const requests = [20_000, 20_001, 20_002].map((port) => `ask udp ${VIP} 443 ${address} ${port} x`);
      expect(await talked(hosts[name], requests)).toEqual([own[name], own[name], own[name]]);
    }
    const marked = "iptables-legacy -t mangle -S PREROUTING | grep -c -e '-p udp' || :";
    expect(await hosts.director.run(marked)).toBe("1\n");
    expect(await stack.drift(quic)).toEqual([]);
    for (const end of ends) await end();
    await stack.up(persistent());
    expect(await hosts.director.run(marked)).toBe("0\n");
    expect(await both(hosts.client1)).toEqual(Array(4).fill(own.client1));
  });

  test("sends a known client away from a real server of weight 0, which keeps the connections that it has", async () => {
    const running = await download(hosts.client1, `http://${VIP}/slow`);
    expect(running.server).toBe(own.client1);
    await stack.up(persistent({ [own.client1]: 0 }));
    expect(new Set(await both(hosts.client1))).toEqual(new Set([own.client2]));
    expect(await running.finish()).toBe("200 9000000 0");
    expect(await stack.drift(persistent({ [own.client1]: 0 }))).toEqual([]);
    const on =
      "cd /proc/sys/net/ipv4/vs; cat expire_quiescent_template expire_nodest_conn; ls /etc/sysctl.d | grep -c borrowed || :";
    expect(await hosts.director.run(on)).toBe("1\n1\n2\n");
    await stack.destroy();
    expect(await hosts.director.run(on)).toBe("0\n0\n0\n");
  });
});
