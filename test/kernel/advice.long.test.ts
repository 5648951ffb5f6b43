import { DrCluster, ForwardRule, NatCluster, Sysctl, VipAlias, VirtualService } from "pulumi-lvs";
import { adviceOf } from "./advice";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { alternate, ask, declared, serve } from "./site";

jest.setTimeout(300_000);

// What is known to fail on hosts is told by `up`, with what mends it; and what mends it does.

const VIP = "10.1.0.1";
const URL = `http://${VIP}/`;
let stack: Stack;
let kernel: SharedKernel;
let hosts: Record<"director" | "rs1" | "rs2" | "both" | "client", KernelHost>;

beforeAll(async () => {
  kernel = await SharedKernel.boot("bookworm");
  hosts = await kernel.hosts({
    director: { eth0: ["outside", `${VIP}/24`], eth1: ["inside", "10.2.0.1/24"] },
    rs1: { eth0: ["inside", "10.2.0.11/24"] },
    rs2: { eth0: ["inside", "10.2.0.12/24"] },
    both: { eth0: ["inside", "10.2.0.13/24"], eth1: ["outside", "10.1.0.13/24"] },
    client: { eth0: ["outside", "10.1.0.21/24"] },
  });
  await serve(hosts.rs1);
  await serve(hosts.rs2);
});
afterAll(() => kernel?.end());
beforeEach(() => {
  stack = new Stack();
});

const servers = (["rs1", "rs2"] as const).map((name, i) => ({ name, address: `10.2.0.${11 + i}` }));

function nat(more = () => {}, args: { gateway?: string; vip?: string } = {}) {
  const realServers = servers.map(({ name, address }) => ({ host: declared(hosts[name]), address }));
  const how = { vip: VIP, gateway: "10.2.0.1", drain: { timeout: 1, onTimeout: "cut" }, ...args } as const;
  new NatCluster("nat", { director: declared(hosts.director), realServers, ...how });
  more();
}

const names = (told: { name: string }[]) => told.map(({ name }) => name);
const rules = () => hosts.director.run("iptables -S; ip6tables -S");

/** The chain FORWARD of a host on which Docker runs. */
const DOCKER = `iptables -P FORWARD DROP
  iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; iptables -A FORWARD -j DOCKER-USER
  iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT`;

/** firewalld's filter_FORWARD, where the interfaces are in zones that do not forward to one another. */
const FIREWALLD = `iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
  iptables -A FORWARD -i lo -j ACCEPT
  iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP
  iptables -A FORWARD -j REJECT --reject-with icmp-admin-prohibited`;

const OPEN = "iptables -P FORWARD ACCEPT; iptables -F; iptables -X";

test("a director that forwards nothing, as Docker leaves it: named, opened by declaration, answering", async () => {
  await hosts.director.run(DOCKER);
  const found = await rules();
  const [told, ...others] = await adviceOf(() => stack.up(() => nat()));
  expect(others).toEqual([]);
  expect(told).toMatchObject({ name: "firewall-forward", host: "director" });
  expect(told?.said).toContain(
    'iptables-legacy ip filter FORWARD drops what comes from 10.2.0.11: new ForwardRule("…", ',
  );
  expect(await ask(hosts.client, URL, 1)).toEqual(["-"]);

  const opened = () =>
    nat(() => void new ForwardRule("replies", { host: declared(hosts.director), source: "10.2.0.0/24" }));
  expect(await stack.up(opened)).toEqual(["create ForwardRule replies"]);
  expect(stack.state("ForwardRule")).toMatchObject({ open: true, firewall: "iptables-legacy ip filter FORWARD" });
  await alternate(hosts.client, URL);
  expect(await adviceOf(() => stack.refresh())).toEqual([]);
  expect(await stack.preview(opened)).toEqual([]);

  await hosts.director.run("iptables -D FORWARD 1");
  expect(await stack.refresh()).toEqual(["ForwardRule replies"]);
  await stack.up(opened);
  await alternate(hosts.client, URL);
  await stack.destroy();
  expect(await rules()).toBe(found);
  await hosts.director.run(OPEN);
});

test("a director whose firewall forwards only what it follows, as firewalld: IPVS' connections are followed, and it answers", async () => {
  await hosts.director.run(FIREWALLD);
  const told = await adviceOf(() => stack.up(() => nat()));
  expect(names(told)).toEqual(["firewall-forward"]);
  expect(told[0]?.said).toContain('new Sysctl("…", { host, key: "net.ipv4.vs.conntrack", value: 1 })');
  expect(await ask(hosts.client, URL, 1)).toEqual(["-"]);
  const key = "net.ipv4.vs.conntrack";
  await stack.up(() => nat(() => void new Sysctl("follow", { host: declared(hosts.director), key, value: 1 })));
  await alternate(hosts.client, URL);
  expect(await adviceOf(() => stack.refresh())).toEqual([]);
  await stack.destroy();
  await hosts.director.run(OPEN);
});

test("a real server's firewall is named, too", async () => {
  await hosts.rs2.run("iptables -A INPUT -p tcp --dport 80 -j DROP");
  expect(await adviceOf(() => stack.up(() => nat()))).toMatchObject([{ name: "firewall", host: "rs2" }]);
  await hosts.rs2.run("iptables -F");
  await stack.destroy();
});

test("a VIP that the director has not, and a gateway that is somewhere else", async () => {
  const told = await adviceOf(() => stack.up(() => nat(undefined, { vip: "10.1.0.99", gateway: "10.2.0.99" })));
  expect(names(told)).toEqual(["vip-missing", "gateway-elsewhere"]);
  await stack.destroy();
});

test("direct routing through a router; redirects of one arm; forwarding that is off", async () => {
  const how = { address: VIP, port: 80, host: declared(hosts.director) };
  await hosts.director.run("ip route add 10.9.0.0/24 via 10.2.0.11");
  const routed = () => {
    const dr = { forwarding: "dr", destinations: { "10.9.0.3:80": {} } } as const;
    new VirtualService("routed", { ...how, ...dr });
  };
  await hosts.director.run("modprobe ip_vs");
  expect(names(await adviceOf(() => stack.up(routed)))).toEqual(["other-network"]);
  await stack.destroy();
  await hosts.director.run("ip route del 10.9.0.0/24; sysctl -qw net.ipv4.ip_forward=0");
  const oneArm = () => {
    new VirtualService("arm", { ...how, forwarding: "nat", destinations: { "10.1.0.13:80": {} } });
  };
  expect(names(await adviceOf(() => stack.up(oneArm)))).toEqual(["forwarding-off", "shared-network", "redirects"]);
  await stack.destroy();
});

test("a VIP on a real server that answers ARP, and one that comes by another interface than the answer goes", async () => {
  const alias = () => {
    new VipAlias("vip", { host: declared(hosts.both), address: "10.1.0.9", device: "lo" });
  };
  expect(names(await adviceOf(() => stack.up(alias)))).toEqual(["arp-settings"]);
  await stack.destroy();
  await hosts.both.run("ip route add default via 10.1.0.21; sysctl -qw net.ipv4.conf.all.rp_filter=1");
  const cluster = (rpFilter?: 2) => () => {
    const server = { host: declared(hosts.both), address: "10.2.0.13", device: "eth0", ...(rpFilter && { rpFilter }) };
    new DrCluster("dr", { director: declared(hosts.director), vip: "10.2.0.9", device: "eth1", realServers: [server] });
  };
  expect(await adviceOf(() => stack.up(cluster()))).toMatchObject([{ name: "rp-filter", host: "both" }]);
  await stack.destroy();
  expect(await adviceOf(() => stack.up(cluster(2)))).toEqual([]);
  await stack.destroy();
});

test("a threshold counts connections that have ended: after as many, everybody is refused", async () => {
  const bounded = () => {
    const destinations = Object.fromEntries(servers.map(({ address }) => [`${address}:80`, { upperThreshold: 2 }]));
    const how = { forwarding: "nat", scheduler: "rr", destinations } as const;
    new VirtualService("bounded", { host: declared(hosts.director), address: VIP, port: 80, ...how });
  };
  await hosts.director.run("sysctl -qw net.ipv4.ip_forward=1");
  for (const { name } of servers) await hosts[name].run("ip route replace default via 10.2.0.1");
  await stack.up(bounded);
  expect((await ask(hosts.client, URL, 6)).map((answer) => answer !== "-")).toEqual([
    ...[true, true, true, true],
    ...[false, false],
  ]);
  await stack.destroy();
});
