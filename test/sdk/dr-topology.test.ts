import { type DrTopology, drDestinations, drProblems } from "../../sdk/clusters/dr-topology";

const rs1 = { host: "rs1", address: "172.17.111.234", weight: 1 };
const rs2 = { host: "rs2", address: "172.17.111.222", weight: 1 };
const sound: DrTopology = {
  vip: "172.17.111.111",
  directors: ["director"],
  ports: [80, 443],
  scheduler: "wrr",
  mark: 99,
  persistence: 300,
  realServers: [rs1, rs2],
};

const works: [what: string, change: Partial<DrTopology>][] = [
  ["the tutorial's", {}],
  ["one with addresses that come later", { vip: undefined, realServers: [rs1, { ...rs2, address: undefined }] }],
  ["one with defaults", { mark: undefined, persistence: undefined, scheduler: undefined, ports: [80] }],
  ["one with IPv6", { vip: "2001:db8::9", realServers: [{ ...rs1, address: "2001:db8::2" }] }],
];

test.each(works)("%s works", (_, change) => {
  expect(drProblems({ ...sound, ...change })).toEqual([]);
});

const refused: [property: string, reason: RegExp, change: Partial<DrTopology>][] = [
  ["vip", /without a prefix/, { vip: "172.17.111.111/32" }],
  ["ports", /at least one port/, { ports: [] }],
  ["ports[1]", /declared twice/, { ports: [80, 80] }],
  ["ports[0]", /70000 is not a port/, { ports: [70000] }],
  ["scheduler", /no scheduler "fair"/, { scheduler: "fair" }],
  ["mark", /0 is not a mark: give a whole number from 1 to 4294967295/, { mark: 0 }],
  ["persistence.timeout", /a time from 1 s to 31 days/, { persistence: 2678401 }],
  ["realServers", /at least one real server/, { realServers: [] }],
  ["realServers[0].address", /"rs1" is not an IPv4/, { realServers: [{ ...rs1, address: "rs1" }] }],
  ["realServers[0].address", /is the VIP as well/, { realServers: [{ ...rs1, address: "172.17.111.111" }] }],
  ["realServers[0].address", /another address family/, { realServers: [{ ...rs1, address: "fd00::2" }] }],
  ["realServers[0].weight", /-1 is not a weight/, { realServers: [{ ...rs1, weight: -1 }] }],
  ["realServers[0].host", /director is the director/, { realServers: [{ ...rs1, host: "director" }] }],
  ["realServers[1].host", /declared twice/, { realServers: [rs1, { ...rs2, host: "rs1" }] }],
  ["realServers[1].address", /declared twice/, { realServers: [rs1, { ...rs1, host: "rs2" }] }],
];

test.each(refused)("%s is refused: %s", (property, reason, change) => {
  expect(drProblems({ ...sound, ...change })).toEqual([{ property, reason: expect.stringMatching(reason) }]);
});

test("destinations are on the service's port; with a mark on the port that a packet is for", () => {
  expect(drDestinations([{ address: "10.0.0.1" }, { address: "10.0.0.2", weight: 0 }], 80)).toEqual({
    "10.0.0.1:80": { weight: 1 },
    "10.0.0.2:80": { weight: 0 },
  });
  expect(drDestinations([{ address: "fd00::1" }], 0)).toEqual({ "[fd00::1]:0": { weight: 1 } });
});
