import { type FailoverTopology, failoverProblems } from "../../sdk/clusters/failover-topology";

const failover = { addresses: ["10.0.0.2", "10.0.0.3"] };
const sound: FailoverTopology = {
  ...{ director: undefined, directors: ["d1", "d2"], failover, vip: "10.0.0.9" },
  others: [["the real server rs1's", "10.0.0.11"]],
};

test.each<[string, Partial<FailoverTopology>]>([
  ["two that stand in for each other", {}],
  ["one director", { director: "d1", directors: undefined, failover: undefined }],
  ["a list of one", { directors: ["d1"], failover: undefined }],
  ["addresses that come later", { failover: { addresses: [undefined, "10.0.0.3"] }, vip: undefined }],
  [
    "everything said",
    {
      failover: {
        ...failover,
        routerId: 255,
        advertInterval: 0.01,
        preferred: "d2",
        preferredDelay: 0,
        reach: [],
        syncId: 9,
      },
    },
  ],
  ["directors that are reached by these addresses", { reachedBy: ["10.0.0.2", "10.0.0.3"] }],
  ["directors that are reached by others", { reachedBy: ["192.0.2.2", undefined] }],
  ["directors that are reached through hosts of one address", { reachedBy: ["10.0.0.3", "10.0.0.3"] }],
  ["IPv6", { vip: "fd00::9", failover: { addresses: ["fd00::2", "fd00::3"] } }],
])("%s works", (_, change) => {
  expect(failoverProblems({ ...sound, ...change })).toEqual([]);
});

const of = (more: object) => ({ failover: { ...failover, ...more } });

test.each<[string, RegExp, Partial<FailoverTopology>]>([
  ["directors", /leave one of the two out/, { director: "d1" }],
  ["director", /a Host is needed/, { directors: undefined }],
  ["directors", /at least one director/, { directors: [] }],
  ["directors[1]", /d1 is declared twice/, { directors: ["d1", "d1"] }],
  ["failover", /is missing: with several directors/, { failover: undefined }],
  ["failover", /nobody to stand in for it/, { director: "d1", directors: undefined }],
  ["failover", /nobody to stand in for it/, { directors: ["d1"] }],
  ["failover.addresses", /3 addresses for 2 directors/, of({ addresses: ["10.0.0.2", "10.0.0.3", "10.0.0.4"] })],
  ["failover.addresses[1]", /"d2" is not an IPv4 or IPv6 address/, of({ addresses: ["10.0.0.2", "d2"] })],
  ["failover.addresses[1]", /another director's as well/, of({ addresses: ["10.0.0.2", "10.0.0.2"] })],
  ["failover.addresses[0]", /is the VIP: give the director's own/, of({ addresses: ["10.0.0.9", "10.0.0.3"] })],
  ["failover.addresses[0]", /is the real server rs1's/, of({ addresses: ["10.0.0.11", "10.0.0.3"] })],
  ["failover.addresses[1]", /of another address family/, of({ addresses: ["10.0.0.2", "fd00::3"] })],
  [
    "failover.addresses[1]",
    /10.0.0.3 is the address of d1, and d2 is at this place/,
    { reachedBy: ["10.0.0.3", "::1"] },
  ],
  ["failover.routerId", /0 is not a virtual router's id/, of({ routerId: 0 })],
  ["failover.advertInterval", /in hundredths/, of({ advertInterval: 0.005 })],
  ["failover.syncId", /256 is not a sync id/, of({ syncId: 256 })],
  ["failover.syncId", /leave it out, or sync: false/, of({ syncId: 2, sync: false })],
  ["failover.preferredDelay", /name the director/, of({ preferredDelay: 5 })],
  ["failover.preferredDelay", /0 to 1000/, of({ preferred: "d1", preferredDelay: 0.5 })],
  ["failover.preferred", /rs1 is none of the directors/, of({ preferred: "rs1" })],
  ["failover.reach[0]", /is empty/, of({ reach: [[]] })],
  ["failover.reach[0][1]", /"router" is not/, of({ reach: [["10.0.0.1", "router"]] })],
])("%s is refused: %s", (property, reason, change) => {
  expect(failoverProblems({ ...sound, ...change })).toEqual([{ property, reason: expect.stringMatching(reason) }]);
});
