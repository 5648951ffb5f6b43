import { type NatTopology, natDestinations, natProblems } from "../../sdk/clusters/nat-topology";

const rs1 = { host: "rs1", address: "192.168.199.146", port: undefined, weight: 1 };
const rs2 = { host: "rs2", address: "192.168.199.143", port: undefined, weight: 1 };
const sound: NatTopology = {
  directors: ["director"],
  vip: "172.17.111.117",
  gateway: "192.168.199.145",
  ports: [80, 443],
  scheduler: "wrr",
  clients: ["172.17.111.0/24"],
  realServers: [rs1, rs2],
};

const works: [what: string, change: Partial<NatTopology>][] = [
  ["the tutorial's", {}],
  [
    "one with addresses that come later",
    { vip: undefined, gateway: undefined, realServers: [rs1, { ...rs2, address: undefined }] },
  ],
  [
    "two servers whose addresses come later",
    {
      realServers: [
        { ...rs1, address: undefined },
        { ...rs2, address: undefined },
      ],
    },
  ],
  ["one without known clients", { clients: [] }],
  ["one with a server that gets no new connections", { realServers: [rs1, { ...rs2, weight: 0 }] }],
  [
    "one with IPv6",
    {
      vip: "2001:db8::9",
      gateway: "fd00::1",
      clients: ["2001:db8::/64"],
      realServers: [
        { ...rs1, address: "fd00::2" },
        { ...rs2, address: "fd00::3" },
      ],
    },
  ],
];

test.each(works)("%s works", (_, change) => {
  expect(natProblems({ ...sound, ...change })).toEqual([]);
});

const refused: [property: string, reason: RegExp, change: Partial<NatTopology>][] = [
  ["vip", /"172.17.111" is not an IPv4 or IPv6 address/, { vip: "172.17.111" }],
  ["vip", /without a prefix/, { vip: "172.17.111.117/24" }],
  ["gateway", /"192.168.199.256" is not/, { gateway: "192.168.199.256" }],
  [
    "gateway",
    /fe80::1%eth0/,
    { vip: undefined, gateway: "fe80::1%eth0", realServers: [{ ...rs1, address: undefined }] },
  ],
  ["ports", /at least one port/, { ports: [] }],
  ["ports[1]", /0 is not a port/, { ports: [80, 0] }],
  ["ports[0]", /65536 is not a port/, { ports: [65536] }],
  ["ports[0]", /"80" is not a port/, { ports: ["80" as unknown as number] }],
  ["ports[0]", /^"53\/quic" is no port: give one like 53, or "53\/udp"/, { ports: ["53/quic"] }],
  ["ports[0]", /"0\/udp" is no port/, { ports: ["0/udp"] }],
  ["ports[1]", /^443\/tcp is declared twice \(ports\[0\] too\)/, { ports: [443, "443/tcp", "443/udp"] }],
  ["ports[1]", /80 is declared twice \(ports\[0\] too\)/, { ports: [80, 80] }],
  ["scheduler", /no scheduler "fair". Choose one of rr, wrr/, { scheduler: "fair" }],
  ["clients[0]", /"172.17.111.0\/33" is not a network/, { clients: ["172.17.111.0/33"] }],
  ["realServers", /at least one real server/, { realServers: [] }],
  ["realServers[0].address", /"rs1" is not an IPv4/, { realServers: [{ ...rs1, address: "rs1" }] }],
  ["realServers[0].port", /1.5 is not a port/, { realServers: [{ ...rs1, port: 1.5 }] }],
  ["realServers[0].weight", /-1 is not a weight/, { realServers: [{ ...rs1, weight: -1 }] }],
  ["realServers[0].weight", /65536 is not a weight/, { realServers: [{ ...rs1, weight: 65536 }] }],
  [
    "realServers[1].host",
    /the host rs1 is declared twice \(realServers\[0\] too\)/,
    { realServers: [rs1, { ...rs2, host: "rs1" }] },
  ],
  [
    "realServers[1].address",
    /is declared twice \(realServers\[0\] too\)/,
    { realServers: [rs1, { ...rs1, host: "rs2" }] },
  ],
  [
    "realServers[0].address",
    /is the VIP as well/,
    { realServers: [{ ...rs1, address: "172.17.111.117" }], clients: [] },
  ],
  ["realServers[0].address", /director's own address/, { realServers: [{ ...rs1, address: "192.168.199.145" }] }],
  ["realServers[0].address", /another address family than the VIP/, { realServers: [{ ...rs1, address: "fd00::2" }] }],
];

test.each(refused)("%s is refused: %s", (property, reason, change) => {
  expect(natProblems({ ...sound, ...change })).toEqual([{ property, reason: expect.stringMatching(reason) }]);
});

test("equal addresses in different spelling are the same", () => {
  const realServers = [
    { ...rs1, address: "fd00::2" },
    { ...rs2, address: "FD00:0::2" },
  ];
  const problems = natProblems({ ...sound, vip: "2001:db8::9", gateway: "fd00::1", clients: [], realServers });
  expect(problems.map(({ property }) => property)).toEqual(["realServers[1].address"]);
});

test("destinations are keyed as ipvsadm names them, on the service's port wherever none is given", () => {
  expect(
    natDestinations(
      [{ address: "10.0.0.1" }, { address: "10.0.0.2", port: 8080, weight: 3 }, { address: "fd00::2", weight: 0 }],
      80,
    ),
  ).toEqual({ "10.0.0.1:80": { weight: 1 }, "10.0.0.2:8080": { weight: 3 }, "[fd00::2]:80": { weight: 0 } });
});
