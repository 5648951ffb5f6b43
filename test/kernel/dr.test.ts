import { DrCluster } from "pulumi-lvs";
import { snapshot } from "../namespaces/snapshot";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { alternate, answer, declared, serve, table, talked, until } from "./site";

jest.setTimeout(300_000);

const VIP = "10.0.0.9";
const VIP6 = "fd00::9";
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "client1" | "client2", KernelHost>;
const found: Record<string, string> = {};

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  hosts = await kernel.hosts({
    director: { eth0: ["lan", "10.0.0.2/24", "fd00::2/64"] },
    rs1: { eth0: ["lan", "10.0.0.11/24", "fd00::11/64"] },
    rs2: { eth0: ["lan", "10.0.0.12/24", "fd00::12/64"] },
    client1: { eth0: ["lan", "10.0.0.21/24", "fd00::21/64"] },
    client2: { eth0: ["lan", "10.0.0.22/24", "fd00::22/64"] },
  });
  await serve(hosts.rs1);
  await serve(hosts.rs2);
  // The module ipip brings the device tunl0, which stays. The device's IPv6 settings stay, too, once the device was up.
  // The snapshot before the test has to contain both.
  for (const server of [hosts.rs1, hosts.rs2])
    await server.run("modprobe ipip; ip link set tunl0 up; ip link set tunl0 down");
  for (const host of [hosts.director, hosts.rs1, hosts.rs2]) found[host.name] = await snapshot(host);
});
afterAll(() => kernel?.end());

type Declared = Partial<ConstructorParameters<typeof DrCluster>[1]>;

function cluster(name: string, vip: string, network: string, args: Declared = {}) {
  const realServers = (["rs1", "rs2"] as const).map((server, i) => ({
    host: declared(hosts[server]),
    address: `${network}1${i + 1}`,
  }));
  new DrCluster(name, { director: declared(hosts.director), vip, realServers, ...args });
}

const site = (args?: Declared) => () => cluster("dr", VIP, "10.0.0.", args);

const DIRECT = [
  `-A -t ${VIP}:80 -s wrr`,
  `-a -t ${VIP}:80 -r 10.0.0.11:80 -g -w 1`,
  `-a -t ${VIP}:80 -r 10.0.0.12:80 -g -w 1`,
];

/** The hardware addresses that clients learn for the VIP. Each client asks anew. */
async function onlyTheDirectorAnswers(vip: string): Promise<void> {
  const mac = await hardwareAddress(hosts.director);
  const url = vip.includes(":") ? `http://[${vip}]/` : `http://${vip}/`;
  const learn = `for i in $(seq 5); do ip neigh flush to ${vip}; curl -gs -o /dev/null ${url}
    ip neigh show ${vip} | sed 's/.*lladdr \\([^ ]*\\).*/\\1/'; done`;
  for (const client of [hosts.client1, hosts.client2])
    expect((await client.run(learn)).trim().split("\n")).toEqual([mac, mac, mac, mac, mac]);
}

/** Another host has the address for a while, so that a client knows its hardware address. */
async function elsewhere(vip: string): Promise<void> {
  const [prefix, nodad] = vip.includes(":") ? ["128", "nodad"] : ["32", ""];
  await hosts.client2.run(`ip address add ${vip}/${prefix} dev eth0 ${nodad}`);
  await hosts.client1.run(`ping -c 1 -w 2 ${vip}`);
  await hosts.client2.run(`ip address del ${vip}/${prefix} dev eth0`);
  expect(await neighbour(vip)).toBe(await hardwareAddress(hosts.client2));
}

const neighbour = async (vip: string) =>
  (await hosts.client1.run(`ip neigh show ${vip} | sed 's/.*lladdr \\([^ ]*\\).*/\\1/'`)).trim();
const hardwareAddress = async (host: KernelHost) => (await host.run("cat /sys/class/net/eth0/address")).trim();

test("a site of direct routing answers, both real servers in turn, and clients that knew the VIP elsewhere follow", async () => {
  await elsewhere(VIP);
  await stack.up(site());
  expect(await neighbour(VIP)).toBe(await hardwareAddress(hosts.director));
  expect(await table(hosts.director)).toEqual(DIRECT);
  await alternate(hosts.client1, `http://${VIP}/`);
  expect(await hosts.director.run("ip -o addr show label eth0:0")).toMatch(/10\.0\.0\.9\/32 brd 10\.0\.0\.9/);
  expect(await hosts.rs1.run("ip -o addr show label lo:0")).toMatch(/10\.0\.0\.9\/32 brd 10\.0\.0\.9/);
  expect(await stack.preview(site())).toEqual([]);
});

test("the director alone answers ARP for the VIP, and replies bypass it", async () => {
  await onlyTheDirectorAnswers(VIP);
  // Eight requests in turn, and five of either client. The kernel sums its counters up every two seconds.
  const listing = await until(hosts.director, "ipvsadm -Ln --stats --exact", /^TCP +\S+:80 +18 /m);
  const [, service = ""] = /^TCP +\S+:80((?: +\d+)+)/m.exec(listing) ?? [];
  const [, inPackets, outPackets, inBytes, outBytes] = service.trim().split(/ +/).map(Number);
  expect(inPackets).toBeGreaterThan(18 * 3);
  expect(inBytes).toBeGreaterThan(18 * 3 * 40);
  expect([outPackets, outBytes]).toEqual([0, 0]);
});

test("an alias, an ARP setting and a service that were changed by hand show, and are repaired", async () => {
  await hosts.director.run(`ip addr del ${VIP}/32 dev eth0; ipvsadm -C`);
  await hosts.rs1.run("sysctl -qw net.ipv4.conf.all.arp_ignore=0");
  const drift = ["Sysctls dr-rs1-arp", "VipAlias dr-director-vip", "VirtualService dr-80"];
  expect((await stack.refresh()).sort()).toEqual(drift);
  expect(stack.state("Sysctls", "dr-rs1-arp").settings).toMatchObject({ "net.ipv4.conf.all.arp_ignore": "0" });
  await stack.up(site());
  expect(await table(hosts.director)).toEqual(DIRECT);
  expect(await hosts.rs1.run("cat /proc/sys/net/ipv4/conf/all/arp_ignore")).toBe("1\n");
  await onlyTheDirectorAnswers(VIP);
  expect(await stack.drift(site())).toEqual([]);
});

test("a site of IPv6 beside it answers in turn, and the director alone is its neighbour", async () => {
  const both = () => {
    site()();
    cluster("dr6", VIP6, "fd00::", { mark: 100 });
  };
  await elsewhere(VIP6);
  await stack.up(both);
  expect(await neighbour(VIP6)).toBe(await hardwareAddress(hosts.director));
  const lines = DIRECT.map((line) => line.replace(VIP, `[${VIP6}]`).replace(/10\.0\.0\.(1[12])/, "[fd00::$1]"));
  expect(await table(hosts.director)).toEqual([...DIRECT, ...lines].sort());
  await alternate(hosts.client1, `http://[${VIP6}]/`);
  await onlyTheDirectorAnswers(VIP6);
  await alternate(hosts.client1, `http://${VIP}/`);
  await stack.up(site());
  expect(await table(hosts.director)).toEqual(DIRECT);
});

test("a port of UDP takes the place of that of TCP, and gives it back", async () => {
  const quic = site({ ports: "443/udp", scheduler: "rr" });
  await stack.up(quic);
  const lines = DIRECT.map((line) => line.replace("-t", "-u").replace(/:80/g, ":443").replace("wrr", "rr"));
  expect(await table(hosts.director)).toEqual(lines);
  const ends = [await answer(hosts.rs1, VIP, "udp:443"), await answer(hosts.rs2, VIP, "udp:443")];
  const requests = [20_000, 20_001, 20_000, 20_001].map((port) => `ask udp ${VIP} 443 10.0.0.21 ${port} x`);
  const [one, two, ...again] = await talked(hosts.client1, requests);
  expect([one, two].sort()).toEqual(["rs1", "rs2"]);
  expect(again).toEqual([one, two]);
  expect(await stack.drift(quic)).toEqual([]);
  for (const end of ends) await end();
  await stack.up(site());
  expect(await table(hosts.director)).toEqual(DIRECT);
});

test("the real servers are reached through tunnels, and directly again", async () => {
  await stack.up(site({ forwarding: "tun" }));
  expect(await table(hosts.director)).toEqual(DIRECT.map((line) => line.replace("-g -w 1", "-i -w 1 --tun-type ipip")));
  const unwrapped = () => hosts.rs1.run("cat /sys/class/net/tunl0/statistics/rx_packets").then(Number);
  const before = await unwrapped();
  await alternate(hosts.client1, `http://${VIP}/`);
  // There are four connections. Each consists of at least a SYN, an acknowledgement, a request and a FIN.
  expect((await unwrapped()) - before).toBeGreaterThanOrEqual(16);
  // An upload goes through although the client is never told that its packets get too long.
  const rule = (verb: string) => `ip rule ${verb} priority 1 ipproto icmp to 10.0.0.21 blackhole`;
  const told = () => hosts.client1.run(`awk '/^Icmp:/ { print $5 }' /proc/net/snmp`);
  await hosts.director.run(rule("add"));
  const untold = await told();
  const upload = `head -c 300000 /dev/zero | curl -s --max-time 20 --data-binary @- -o /dev/null -w '%{http_code} %{size_upload}' http://${VIP}/`;
  expect(await hosts.client1.run(upload)).toBe("200 300000");
  expect(await told()).toBe(untold);
  await hosts.director.run(rule("del"));
  await onlyTheDirectorAnswers(VIP);
  await stack.up(site());
  expect(await table(hosts.director)).toEqual(DIRECT);
  await alternate(hosts.client1, `http://${VIP}/`);
});

test("every host is as it was found", async () => {
  await stack.destroy();
  for (const host of [hosts.director, hosts.rs1, hosts.rs2]) expect(await snapshot(host)).toBe(found[host.name]);
});
