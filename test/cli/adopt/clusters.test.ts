import type { FoundService } from "../../../cli/adopt/found";
import type { Declaration } from "../../../cli/adopt/program";
import { register } from "../../../sdk/registered";
import { director, host, rs, type Shape, shapeOf } from "./hosts";

// The SDK has the classes of a program from the command's package. Here they are those of its source.
jest.mock("pulumi-lvs-cli", () => jest.requireActual("../../../cli/adopt/program"));

// Which services become a cluster: the one whose services are those of the table, to the last word. What a cluster has not is told.

const VIP = "192.0.2.80";
const silent = Object.fromEntries(
  ["all", "lo", "eth0"].flatMap((at) => [
    [`net.ipv4.conf.${at}.arp_ignore`, "1"],
    [`net.ipv4.conf.${at}.arp_announce`, "2"],
  ]),
);
const alias = (device: string) => `${device} inet ${VIP}/32 scope global ${device}`;
const lan = (last: number, ...more: string[]) => [`eth0 inet 192.0.2.${last}/24 scope global eth0`, ...more].join("\n");

/** A table in which each of the services has these servers. */
const table = (services: readonly string[], how: string, servers: readonly string[]) =>
  services.map((one) => `-A ${one} ${how}\n${servers.map((to) => `-a ${one} -r ${to}\n`).join("")}`).join("");

const behind = (rules: string, more: Shape = {}) => [director(rules, more), rs(11), rs(12)];
const beside = (rules: string, more: Shape = {}) => [
  host("director", { table: rules, addresses: lan(9, alias("eth0")), ...more }),
  host("rs", { addresses: lan(11, alias("lo")), settings: silent }),
];

/** The inputs of the services that a declaration registers, by the words of the table. */
async function registeredBy(declaration: Declaration): Promise<object[]> {
  const { registered } = await register([declaration], {});
  return registered.flatMap(({ kind, inputs }) => {
    if (kind !== "VirtualService") return [];
    const { address, port, protocol = "tcp", mark, family = "ipv4", scheduler, persistence, forwarding } = inputs;
    const match = mark === undefined ? { protocol, address, port } : { mark, family };
    return [{ match, scheduler, persistence, forwarding, destinations: inputs.destinations }];
  });
}

/** The same of the services of the kernel's table. */
const inTable = (services: readonly FoundService[]) =>
  services.map(({ match, scheduler, persistence, destinations }) => ({
    ...{ match, scheduler, forwarding: Object.values(destinations)[0]?.forwarding },
    persistence: persistence && {
      timeout: persistence.timeout,
      ...(persistence.engine && { engine: persistence.engine }),
    },
    destinations: Object.fromEntries(Object.entries(destinations).map(([key, { weight }]) => [key, { weight }])),
  }));

const NAT = ["10.0.0.11 -m -w 1", "10.0.0.12 -m -w 3"];
const at = (port: number) => NAT.map((to) => to.replace(" ", `:${port} `));
const DR = (port: number) => [`192.0.2.11:${port} -g -w 2`];
const marks = (...rules: string[]) => ({ marks: rules });
const TCP = `ip daddr ${VIP} tcp dport { 80-81, 443 } meta mark set 0x00000007 comment "lvs mark 7 ${VIP} tcp"`;
const UDP = `-A PREROUTING -d ${VIP}/32 -p udp -m udp --dport 443 -m comment --comment "lvs mark 7 ${VIP} udp" -j MARK --set-xmark 0x7/0xffffffff`;

const CLUSTERS: readonly (readonly [string, ReturnType<typeof behind>, object])[] = [
  [
    "DNS by UDP alone",
    behind(table(["-u 192.0.2.9:53"], "-s wrr", at(53))),
    { class: "NatCluster", args: { vip: "192.0.2.9", ports: "53/udp", scheduler: "wrr", gateway: "10.0.0.1" } },
  ],
  [
    "DNS by UDP and TCP, in either order",
    behind(table(["-u 192.0.2.9:53", "-t 192.0.2.9:53"], "-s wrr -p 60", at(53))),
    { class: "NatCluster", args: { ports: [53, "53/udp"], persistence: { timeout: 60 } } },
  ],
  [
    "Diameter by SCTP and TCP, and another port, which all have one port of the real servers",
    behind(table(["--sctp-service 192.0.2.9:3868", "-t 192.0.2.9:3868", "-t 192.0.2.9:5868"], "-s wlc", at(4000))),
    {
      class: "NatCluster",
      args: {
        ports: [3868, 5868, "3868/sctp"],
        realServers: [
          { address: "10.0.0.11", port: 4000, weight: 1 },
          { address: "10.0.0.12", port: 4000, weight: 3 },
        ],
      },
    },
  ],
  [
    "SIP by the calls' numbers",
    behind(table(["-u 192.0.2.9:5060"], "-s wrr -p 60 --pe sip", at(5060))),
    { class: "NatCluster", args: { ports: "5060/udp", persistence: { timeout: 60, engine: "sip" } } },
  ],
  [
    "direct routing of one port of UDP",
    beside(table([`-u ${VIP}:53`], "-s wlc", DR(53))),
    { class: "DrCluster", args: { vip: VIP, ports: "53/udp", device: "eth0" } },
  ],
  [
    "direct routing by a mark that the rules of a cluster set, of TCP and UDP, by nftables and by iptables",
    beside(table(["-f 7"], "-s wlc -p 300", DR(0)), marks(`\t\t${TCP}`, UDP)),
    {
      class: "DrCluster",
      args: { vip: VIP, mark: 7, ports: [80, 81, 443, "443/udp"], persistence: { timeout: 300 }, scheduler: "wlc" },
    },
  ],
];

test.each(CLUSTERS)("%s: a cluster that makes the services of the table", async (_, hosts, expected) => {
  const { parts, notes } = shapeOf(hosts);
  expect(parts).toHaveLength(1);
  const [cluster, ...more] = parts[0]?.candidates[0] ?? [];
  expect(more).toEqual([]);
  expect(cluster).toMatchObject({ name: "site", ...expected });
  expect(notes).toEqual([]);
  const made = await registeredBy(cluster as Declaration);
  const found = inTable(hosts[0]?.around.services ?? []);
  expect(made).toHaveLength(found.length);
  expect(made).toEqual(expect.arrayContaining(found));
});

test("services of one VIP that differ in more than their ports are sites of their own", () => {
  const rules = [
    table(["-t 192.0.2.9:80", "-u 192.0.2.9:443"], "-s wrr", at(80)),
    table(["-t 192.0.2.9:81"], "-s rr", at(80)),
    table(["-t 192.0.2.9:82"], "-s wrr", at(82).slice(1)),
    table(["-t 192.0.2.9:83"], "-s wrr -p 50", at(80)),
    table(["-t 192.0.2.8:84"], "-s wrr", at(80)),
    table(["-u 192.0.2.9:85"], "-s wrr", at(80)),
    table(["-u 192.0.2.9:86"], "-s wrr -o", at(80)),
  ].join("");
  const { parts } = shapeOf(behind(rules));
  const sites = parts.map(({ candidates, reason }) => candidates[0]?.[0]?.args.ports ?? reason);
  expect(sites).toEqual([
    // The first has the service's own port, the others one for all.
    ...[80, ["85/udp", "443/udp"], 81, 82, 83, 84],
    "a cluster schedules connections, and this service each packet by itself (ops)",
  ]);
  expect(
    new Set(parts.map(({ candidates, otherwise }) => candidates[0]?.[0]?.name ?? otherwise?.at(-1)?.what)).size,
  ).toBe(7);
});

test("where the whole cannot be, each service is tried as a cluster, and then in parts, under names of their own", () => {
  const { parts } = shapeOf(behind(table(["-t 192.0.2.9:53", "-u 192.0.2.9:53"], "-s rr", at(53))));
  const each = parts[0]?.otherwise ?? [];
  expect(each.map(({ what, candidates }) => [what, candidates[0]?.[0]?.args.ports])).toEqual([
    ["the service tcp 192.0.2.9:53", 53],
    ["the service udp 192.0.2.9:53", "53/udp"],
  ]);
  const names = each.flatMap(({ otherwise = [] }) => otherwise.flatMap((one) => one.candidates.flat()));
  expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
});

const OTHER = `ip daddr ${VIP} tcp dport 80 counter packets 3 bytes 180 meta mark set 0x00000007`;
const unmasked = TCP.replaceAll(VIP, "192.0.2.81");
const marked = table(["-f 7"], "-s wlc", DR(0));

test.each([
  ["ops", behind(table(["-u 192.0.2.9:53"], "-s rr -o", at(53))), "each packet by itself (ops)"],
  ["flags", behind(table(["-u 192.0.2.9:53"], "-s mh -b mh-port", at(53))), "this service has mh-port"],
  ["every port", behind(table(["-t 192.0.2.9:0"], "-s rr -p 9", at(0))), "catches every port"],
  ["no server", behind("-A -u 192.0.2.9:53 -s rr\n"), "needs a real server"],
  ["an unnamed server", [director(table(["-u 192.0.2.9:53"], "-s rr", at(53))), rs(11)], "the address 10.0.0.12"],
  [
    "two ways",
    behind(table(["-u 192.0.2.9:53"], "-s rr", [at(53)[0] as string, "10.0.0.12:53 -i -w 1"])),
    "nat and tun",
  ],
  ["a mark with NAT", behind(table(["-f 7"], "-s rr", at(0))), "and none of a mark"],
  ["persistence", beside(table([`-u ${VIP}:53`], "-s wrr -p 60", DR(53))), "keeps its clients by a mark"],
  ["no rule", beside(marked), "no rule marks packets with 7"],
  [
    "a map of ports",
    beside(marked, { marks: ["meta mark set tcp dport map { 80 : 0x00000007 }"] }),
    "which mark this rule sets is not understood: meta mark set tcp dport map { 80 : 0x00000007 }",
  ],
  ["another's rule", beside(marked, marks(TCP, OTHER)), `not one of a cluster: ${OTHER}`],
  [
    "a rule with another comment",
    beside(marked, marks(UDP.replace("mark 7", "mark 8"))),
    "not one of a cluster: -A PRE",
  ],
  ["two VIPs", beside(marked, marks(TCP, unmasked)), `packets to ${VIP}, 192.0.2.81 have the mark`],
  ["many ports", beside(marked, marks(TCP.replace("80-81", "8000-8999"))), "and 1001 have the mark"],
  ["a rule of another mark", beside(marked, marks(TCP.replaceAll("7 ", "70 "))), "no rule marks packets with 7"],
])("%s: no cluster, and the reason is told", (_, hosts, why) => {
  const [part] = shapeOf(hosts).parts;
  expect(part?.candidates).toEqual([]);
  expect(part?.reason).toContain(why);
  expect(part?.otherwise?.at(-1)?.candidates[0]?.[0]?.class).toBe("VirtualService");
});
