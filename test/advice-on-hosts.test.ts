import { arrivingRules, directorRules, forwardingRules, serverRules, tellingRules } from "../provider/advice";
import type { Host } from "../provider/advice/context";
import type { Told } from "../provider/advice/firewall-rules";
import { hostFacts } from "../provider/advice/host-facts";
import { kinds } from "../provider/kinds";
import { judge, type Rule } from "../provider/model";
import type { Kind } from "../provider/reconcile/kind";

/** The names of the rules that facts break. */
const broken = <Facts>(rules: readonly Rule<Facts>[], facts: Facts) => [
  ...new Set(judge(rules, facts).map(({ name }) => name)),
];

const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "tcp" as const, port }));

/** What a director with two arms shows. */
const SHOWN = [
  "1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet 10.1.0.1/24 brd 10.1.0.255 scope global eth0\n3: eth1    inet 10.2.0.1/24 scope global eth1\n3: eth1    inet6 fe80::1/64 scope link \n",
  "1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue\n2: eth0: <BROADCAST,UP> mtu 1500 qdisc\n3: eth1@if4: <BROADCAST> mtu 9000 qdisc\n",
  "10.2.0.11 dev eth1 src 10.2.0.1 uid 0 \\    cache \n10.9.0.3 via 10.1.0.254 dev eth0 src 10.1.0.1 uid 0 \\    cache \nlocal 10.1.0.1 dev lo src 10.1.0.1 uid 0 \\    cache <local> \nfd00:2::11 from :: dev eth1 proto kernel src fd00:2::1 metric 256 pref medium\n",
  "default via 10.1.0.254 dev eth0 proto static \n",
  "ipv4/ip_forward:1\nipv4/vs/conntrack:0\nipv4/conf/all/send_redirects:0\nipv4/conf/eth1/send_redirects:1\nmodule:ip_vs_ftp\nsync:master\nfloating:10.1.0.8\n",
  "# iptables-legacy\n-P INPUT ACCEPT\n-P FORWARD DROP\n",
].map((stdout) => ({ exit: 0, stdout, stderr: "" }));

function shown(change: Partial<Host> = {}): Host {
  const fact = hostFacts(["10.2.0.11", "10.9.0.3", "10.1.0.1", "fd00:2::11"]);
  expect(fact.ask).toHaveLength(SHOWN.length);
  return { ...fact.read(SHOWN), declared: [], ...change };
}

test("a host's facts are read from its own tools", () => {
  expect(shown()).toMatchObject({
    addresses: expect.arrayContaining([{ device: "eth1", address: "10.2.0.1", prefix: 24 }]),
    mtu: { eth0: 1500, eth1: 9000 },
    routes: {
      "10.2.0.11": { device: "eth1", via: undefined },
      "10.9.0.3": { via: "10.1.0.254" },
      "10.1.0.1": { local: true },
    },
    defaults: [{ device: "eth0", via: "10.1.0.254", family: "ipv4" }],
    ...{ modules: ["ip_vs_ftp"], sync: ["master"], floating: ["10.1.0.8"] },
  });
  const nothing = hostFacts().read(SHOWN.map(() => ({ exit: 127, stdout: "", stderr: "not found" })));
  expect(nothing).toMatchObject({
    addresses: [],
    mtu: {},
    routes: {},
    defaults: [],
    modules: [],
    sync: [],
    floating: [],
    bfd: [],
    chains: [],
  });
});

const service = (more: object = {}) => ({
  ...{
    host: shown({ chains: [] }),
    hints: {},
    family: "ipv4" as const,
    vip: "10.1.0.1",
    protocol: "tcp" as const,
    ports: tcp(80),
  },
  ...{ forwarding: "nat", destinations: ["10.2.0.11:80"], persistent: false, ...more },
});
const settings = (more: object) => ({ host: shown({ settings: { ...shown().settings, ...more } }) });
const sysctl = (key: string, value: string) => ({ kind: "Sysctl", want: { key, value } });
const tunnels = (rip: string, discover = "0", declared: Host["declared"] = []) => {
  const host = shown({ chains: [], settings: { "ipv4/vs/pmtu_disc": discover }, declared });
  return service({ forwarding: "tun", destinations: [`${rip}:80`], host });
};
const ofIpv6 = (discover: string, mtu: number) => ({
  ...tunnels("[fd00:2::11]", discover, [{ kind: "LinkMtu", want: { device: "eth1", mtu } }]),
  family: "ipv6" as const,
});

test.each([
  ["all is well", service(), []],
  [
    "a host that shows nothing",
    service({ host: { ...hostFacts().read(SHOWN.map(() => ({ exit: 1, stdout: "", stderr: "" }))), declared: [] } }),
    [],
  ],
  ["no VIP", service({ vip: "10.1.0.9" }), ["vip-missing"]],
  ["a VIP that floats", service({ vip: "10.1.0.8" }), []],
  ["a VIP that is to float", service({ vip: "10.1.0.9", hints: { floats: true } }), []],
  [
    "a VIP that is declared",
    service({ vip: "10.1.0.9", host: shown({ declared: [{ kind: "VipAlias", want: { address: "10.1.0.9" } }] }) }),
    [],
  ],
  ["forwarding off", service(settings({ "ipv4/ip_forward": "0" })), ["forwarding-off"]],
  [
    "forwarding that is declared",
    service({ host: shown({ settings: { "ipv4/ip_forward": "0" }, declared: [sysctl("net.ipv4.ip_forward", "1")] }) }),
    [],
  ],
  ["forwarding off, direct routing", service({ ...settings({ "ipv4/ip_forward": "0" }), forwarding: "dr" }), []],
  ["the gateway", service({ hints: { gateway: "10.2.0.1" } }), []],
  ["a gateway elsewhere", service({ hints: { gateway: "10.2.0.254" } }), ["gateway-elsewhere"]],
  [
    "one network",
    service({ vip: "10.2.0.1", ...settings({ "ipv4/conf/eth1/send_redirects": "0" }) }),
    ["shared-network"],
  ],
  ["one arm that redirects", service({ vip: "10.2.0.1" }), ["shared-network", "redirects"]],
  ["direct routing over a router", service({ forwarding: "dr", destinations: ["10.9.0.3:80"] }), ["other-network"]],
  ["tunnels", tunnels("10.9.0.3"), []],
  ["tunnels that ask clients for shorter packets", tunnels("10.9.0.3", "1"), ["tunnel-mtu"]],
  ["the same, as it is and as it is declared", tunnels("10.9.0.3", "1", [sysctl("net.ipv4.vs.pmtu_disc", "0")]), []],
  [
    "the same, by a link that takes more as it is declared",
    tunnels("10.9.0.3", "1", [{ kind: "LinkMtu", want: { device: "eth0", mtu: 1520 } }]),
    [],
  ],
  [
    "tunnels by a link that takes less as it is declared",
    tunnels("10.2.0.11", "1", [{ kind: "LinkMtu", want: { device: "eth1", mtu: 1500 } }]),
    ["tunnel-mtu"],
  ],
  ["tunnels of IPv6, which nobody sends in parts", ofIpv6("0", 1539), ["tunnel-mtu"]],
  ["tunnels of IPv6 by a link that takes 40 bytes more", ofIpv6("1", 1540), []],
  ["tunnels by links that take more", tunnels("10.2.0.11", "1"), []],
  ["direct routing asks for none", service({ forwarding: "dr", ...settings({ "ipv4/vs/pmtu_disc": "1" }) }), []],
  ["FTP with its module", service({ ports: tcp(21) }), []],
  ["FTP without", service({ ports: tcp(21), host: shown({ modules: [] }) }), ["ftp"]],
  ["FTP by direct routing", service({ ports: tcp(21), forwarding: "dr" }), ["ftp"]],
  ["sync one way", service({ persistent: true }), ["sync-one-way"]],
  ["sync both ways", service({ persistent: true, host: shown({ sync: ["master", "backup"] }) }), []],
  [
    "sync in circles",
    service({
      forwarding: "dr",
      destinations: [],
      host: shown({ sync: ["backup"], settings: { "ipv4/vs/backup_only": "0" } }),
    }),
    ["sync-loop"],
  ],
])("directors: %s", (_, facts, names) => {
  expect(broken(directorRules, facts)).toEqual(names);
});

const alias = (more: object = {}, device = "lo", hints = {}) => ({
  ...{ host: shown(more), address: "10.1.0.9", device, hints },
});
const quiet = { "ipv4/conf/all/arp_ignore": "1", "ipv4/conf/eth0/arp_ignore": "0" };
const strict = { ...quiet, "ipv4/conf/all/rp_filter": "0", "ipv4/conf/eth1/rp_filter": "1" };

test.each([
  ["quiet", alias({ settings: quiet }), []],
  ["settings that are not known", alias({ settings: {} }), []],
  ["answering ARP", alias({ settings: { ...quiet, "ipv4/conf/all/arp_ignore": "0" } }), ["arp-settings"]],
  ["answering ARP as a director does", alias({ settings: { ...quiet, "ipv4/conf/all/arp_ignore": "0" } }, "eth0"), []],
  ["a strict filter, another way back", alias({ settings: strict }, "lo", { device: "eth1" }), ["rp-filter"]],
  ["a strict filter, the same way back", alias({ settings: strict }, "lo", { device: "eth0" }), []],
  ["a loose filter", alias({ settings: { ...strict, "ipv4/conf/all/rp_filter": "2" } }, "lo", { device: "eth1" }), []],
])("real servers: %s", (_, facts, names) => {
  expect(broken(serverRules, facts as never)).toEqual(names);
});

test("a director that forwards nothing; what is declared opens it", () => {
  const forward = (more: Partial<Host>) => broken(forwardingRules, service({ host: shown(more) }));
  expect(forward({})).toEqual(["firewall-forward"]);
  expect(forward({ declared: [{ kind: "ForwardRule", want: { source: "10.2.0.0/24" } }] })).toEqual([]);
  expect(forward({ chains: [] })).toEqual([]);
  expect(broken(forwardingRules, service({ host: shown(), forwarding: "dr" }))).toEqual([]);
});

test("what a firewall drops is named with the rule that opens it; what is declared opens it", () => {
  const [chain] = shown().chains;
  const chains = [{ ...chain, policy: "drop" as const }] as Host["chains"];
  const arriving = (more: object, given: Partial<Host> = {}) =>
    judge(arrivingRules, {
      host: shown({ chains, ...given }),
      address: "10.1.0.1",
      ports: tcp(80),
      ...more,
    });
  expect(arriving({})).toMatchObject([{ name: "firewall", reason: expect.stringContaining("{ host, port: 80 }") }]);
  const both = [...tcp(80), { protocol: "udp", port: 443 }];
  expect(arriving({ ports: both }).map(({ reason }) => reason.replace(/.*\{ host, (.*) \}.*/, "$1"))).toEqual([
    "port: 80",
    'protocol: "udp", port: 443',
  ]);
  expect(arriving({ address: undefined })).toEqual([]);
  expect(arriving({ wrapped: true, ports: [] })[0]?.reason).toContain('protocol: "ipip"');
  const rule = (port: unknown) => ({ declared: [{ kind: "FirewallRule", want: { protocol: "tcp", port } }] });
  expect(arriving({}, rule("79-81"))).toEqual([]);
  expect(arriving({}, rule(81))).toHaveLength(1);
});

test("what directors and routers tell a host is named where a firewall drops it; what is declared opens it", () => {
  const [chain] = shown().chains;
  const chains = [{ ...chain, policy: "drop" as const }] as Host["chains"];
  const group = { family: "ipv4", protocol: "udp", destination: "224.0.0.81", destinationPort: 8848, in: ["eth0"] };
  const told = [group, { family: "ipv4", protocol: "vrrp" }] as readonly Told[];
  const telling = (given: Partial<Host> = {}) =>
    judge(tellingRules, { host: shown({ chains, ...given }), told }).map(({ reason }) => reason);
  expect(telling()).toEqual([
    expect.stringMatching(/ drops udp 8848: new FirewallRule\("…", \{ host, protocol: "udp", port: 8848 \}\)/),
    expect.stringMatching(/ drops vrrp: new FirewallRule\("…", \{ host, protocol: "vrrp" \}\)/),
  ]);
  expect(telling({ chains: [] })).toEqual([]);
  const declared = [
    { kind: "FirewallRule", want: { protocol: "vrrp", source: "10.0.0.3/32" } },
    { kind: "FirewallRule", want: { protocol: "udp", port: 8848 } },
  ];
  expect(telling({ declared })).toEqual([]);
});

test.each([
  ["ConnectionSync", { device: "eth0" }, ["udp 8848"]],
  ["VrrpInstance", { name: "shop", configuration: {} }, ["vrrp"]],
  ["BgpAnnouncement", { name: "shop", configuration: {} }, ["udp 3784"]],
])("%s tells of a firewall that shuts its host off from the others", (name, inputs, dropped) => {
  const kind = kinds.get(name) as Kind;
  const fact = kind.advice?.(kind.inputs.parse(inputs), { hints: {}, declared: () => [] });
  const shut =
    "# nft\ntable inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n}\n";
  const says = (script: string) =>
    script.includes("nft -s list") ? shut : script.includes("floating:") ? "floating:10.1.0.8\nbfd:10.1.0.254\n" : "";
  const found = fact?.read(fact.ask.map(({ argv }) => ({ exit: 0, stdout: says(argv.join(" ")), stderr: "" })));
  expect(found?.map(({ reason }) => reason.replace(/^.* drops (.*): new .*$/, "$1"))).toEqual(dropped);
});
