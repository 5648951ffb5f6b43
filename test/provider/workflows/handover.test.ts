import { provider } from "../../../provider/index";
import type { Asked } from "../../../provider/workflows/failover/judged";

// What becomes of directors that leave and of those that join, before the others are told of it, and afterwards.

const VIP = "10.0.0.9";
const mockDone: string[] = [];
/** What each director shows, by its name. */
let mockShown: Record<string, Asked>;
/** Directors of which aliases are declared, and those that have nothing of the instance. */
let mockAliases: string[];
let mockEmpty: string[];
jest.mock("../../../provider/host/pool", () => ({
  withSession: ({ name }: { name: string }, work: (session: unknown) => unknown) => work({ name }),
}));
jest.mock("../../../provider/host/fact", () => ({
  ...jest.requireActual("../../../provider/host/fact"),
  find: async (_: unknown, fact: unknown) => (typeof fact === "function" ? fact(_) : {}),
}));
jest.mock("../../../provider/linux/vrrp", () => ({
  ...jest.requireActual("../../../provider/linux/vrrp"),
  hasAliases:
    () =>
    ({ name }: { name: string }) =>
      mockAliases.includes(name),
  hasInstance:
    () =>
    ({ name }: { name: string }) =>
      !mockEmpty.includes(name),
}));
jest.mock("../../../provider/reconcile/steps", () => ({
  async act({ name }: { name: string }, _: string, steps: readonly { purpose: string }[]) {
    for (const { purpose } of steps) {
      mockDone.push(`${name}: ${purpose}`);
      const one = mockShown[name] as Asked;
      if (purpose !== "holding shop back") continue;
      mockShown[name] = { ...one, has: [], state: "FAULT", givenUp: { by: "pulumi up" } };
      const heir = Object.values(mockShown).find(({ state }) => state === "BACKUP");
      if (one.has.length > 0 && heir) mockShown[heir.name] = { ...heir, has: ["10.0.0.9"], state: "MASTER" };
    }
  },
}));
jest.mock("../../../provider/workflows/failover/known-connections", () => ({
  async untilKnown(from: { name: string }, heirs: readonly { name: string }[], how: object) {
    mockDone.push(`${heirs.map(({ name }) => name)} hears of ${from.name} ${JSON.stringify(how)}`);
  },
}));
jest.mock("../../../provider/workflows/failover/change", () => {
  const { judged } = jest.requireMock("../../../provider/workflows/failover/judged");
  return { takenOver: judged, fitAgain: async () => [] };
});
jest.mock("../../../provider/workflows/failover/judged", () => {
  const { judgeHolders } = jest.requireActual("../../../provider/workflows/failover/holder");
  return {
    ...jest.requireActual("../../../provider/workflows/failover/judged"),
    async judged({ directors }: { directors: readonly { name: string }[] }) {
      const seen = directors.map(({ name }) => mockShown[name] as Asked);
      return { directors: seen, ...judgeHolders(["10.0.0.9"], seen) };
    },
  };
});

const sync = ["master", "backup"];
const holds = (name: string, more: Partial<Asked> = {}): Asked => ({
  ...{ name, has: [VIP], state: "MASTER", sync },
  ...more,
});
const standsBy = (name: string): Asked => ({ name, has: [], state: "BACKUP", sync });
const comes = (name: string): Asked => ({ name, has: [], state: "STOPPED", sync: [] });
const lost = (name: string): Asked => ({ ...comes(name), state: "UNREACHABLE", unreachable: `host ${name}: no route` });

const inputs = (names: string, heard: object = {}) => ({
  ...{ instance: "shop", addresses: [VIP], heard, drain: { timeout: 60, onTimeout: "cut" } },
  directors: names.split(" ").map((name) => ({ name, address: "10.0.0.2" })),
});
const handover = provider("Handover");
const failover = provider("Failover");
/** What is done where the directors become others. */
async function becoming(former: string, names: string, shown: readonly Asked[], heard: [object?, object?] = []) {
  mockShown = Object.fromEntries(shown.map((one) => [one.name, one]));
  await handover.update?.("id", inputs(former, heard[0]), inputs(names, heard[1]));
  return mockDone;
}
const KNOWN = '{"timeout":60,"onTimeout":"cut"}';

const said: string[] = [];
beforeEach(() => {
  [mockDone.length, said.length] = [0, 0];
  [mockAliases, mockEmpty] = [[], []];
  jest.spyOn(console, "log").mockImplementation((words) => said.push(String(words)));
});
afterEach(() => jest.restoreAllMocks());

test.each<[string, string, string, Asked[], string[]]>([
  [
    "one that serves leaves: it hands over to one that stays, and the one that joins waits",
    "d1 d2",
    "d1 d3",
    [standsBy("d1"), holds("d2"), comes("d3")],
    [`d1 hears of d2 ${KNOWN}`, "d2: holding shop back", "d3: holding shop back"],
  ],
  [
    "one that stands by leaves: it does not take what the others no longer tell it of",
    "d1 d2",
    "d3 d1",
    [holds("d1"), standsBy("d2"), comes("d3")],
    ["d3: holding shop back", "d2: holding shop back"],
  ],
  ["one that joins waits", "d1 d2", "d1 d2 d3", [holds("d1"), standsBy("d2"), comes("d3")], ["d3: holding shop back"]],
  [
    "one that leaves was given up by an operator",
    "d1 d2",
    "d1 d3",
    [holds("d1"), { ...standsBy("d2"), givenUp: { by: "me" } }, comes("d3")],
    ["d3: holding shop back"],
  ],
  [
    "two serve: the one that stays goes on",
    "d1 d2 d3",
    "d1 d3",
    [standsBy("d1"), holds("d2"), holds("d3")],
    ["d2: holding shop back"],
  ],
  [
    "nobody serves: whoever comes first may",
    "d1 d2",
    "d1 d3",
    [comes("d1"), comes("d2"), comes("d3")],
    ["d2: holding shop back"],
  ],
  ["their order is another one", "d1 d2", "d2 d1", [holds("d1"), standsBy("d2")], []],
])("%s", async (_, former, names, shown, done) => {
  expect(await becoming(former, names, shown)).toEqual(done);
});

test("one that leaves and is down is named, and no failure; the others go on", async () => {
  expect(await becoming("d1 d2", "d3 d1", [holds("d1"), lost("d2"), comes("d3")])).toEqual(["d3: holding shop back"]);
  expect(said).toEqual(["warning: host d2: no route"]);
});

test("one that leaves and never began is not noted", async () => {
  mockEmpty = ["d3"];
  expect(await becoming("d1 d3", "d1 d2", [holds("d1"), standsBy("d2"), comes("d3")])).toEqual([]);
});

test("directors that are heard otherwise than before wait, all but the one that serves", async () => {
  const as = (address: string, routerId: number) => ({ address, device: "eth0", routerId, advertInterval: 0.25 });
  const heard = (routerId: number) => ({ d1: as("10.0.0.1", routerId), d2: as("10.0.0.2", routerId) });
  const shown = [holds("d1"), standsBy("d2")];
  expect(await becoming("d1 d2", "d1 d2", shown, [heard(51), heard(52)])).toEqual(["d2: holding shop back"]);
});

test("other addresses float than before: the director that has the former ones serves", async () => {
  mockShown = { d1: standsBy("d1"), d2: holds("d2"), d3: comes("d3") };
  await handover.update?.("id", inputs("d1 d2"), { ...inputs("d1 d2"), addresses: ["10.0.0.8"] });
  expect(mockDone).toEqual(["d1: holding shop back"]);
});

test("a cluster that gets a second director: it waits wherever it stands in the list, and the one with the alias serves", async () => {
  mockShown = { d1: holds("d1", { state: "STOPPED" }), d2: comes("d2") };
  await handover.create(inputs("d2 d1"));
  expect(mockDone).toEqual(["d2: holding shop back"]);
});

test.each<[string, string, Asked[], RegExp]>([
  [
    "nobody stays",
    "d3 d4",
    [standsBy("d1"), holds("d2"), comes("d3"), comes("d4")],
    /^d2 leaves, and has 10\.0\.0\.9, and no director of before stays .* leave it out by the next `up`$/,
  ],
  [
    "the one that stays is lost",
    "d1 d3",
    [lost("d1"), holds("d2"), comes("d3")],
    /^d2 leaves, and has 10\.0\.0\.9: d2 may not be taken away, because no other director is fit: host d1: no route$/,
  ],
])("%s: nothing is changed, and the state keeps the former directors", async (_, names, shown, why) => {
  const failure = await becoming("d1 d2", names, shown).catch((error) => error);
  expect(failure.message).toMatch(why);
  expect(failure.properties).toBeUndefined();
  expect(mockDone).toEqual([]);
});

test("afterwards those that were held back take part, and nobody whom an operator has given up", async () => {
  const heldBack = (name: string, by: string) => ({ ...standsBy(name), state: "FAULT", givenUp: { by } });
  mockShown = { d1: holds("d1"), d2: heldBack("d2", "pulumi up"), d3: heldBack("d3", "me") };
  const { drain: _, heard: __, ...failing } = inputs("d1 d2 d3");
  expect(await failover.read?.("id", failing)).toMatchObject({ props: { incomplete: true } });
  await failover.create(failing);
  expect(mockDone).toEqual(["d2: holding shop back no more"]);
});

test("a site that goes leaves nothing on a director that was held back and never began", async () => {
  mockShown = { d1: comes("d1"), d2: { ...comes("d2"), givenUp: { by: "pulumi up" } }, d3: lost("d3") };
  await handover.delete?.("id", inputs("d1 d2 d3"));
  expect(mockDone).toEqual(["d2: forgetting that shop was held back"]);
});

test("a cluster that has one director again: it has the addresses before the others go, wherever it stands in the list", async () => {
  mockShown = { d1: holds("d1"), d2: standsBy("d2"), d3: standsBy("d3") };
  const { drain: _, heard: __, ...failing } = inputs("d1 d2 d3");
  await failover.delete?.("id", failing);
  expect(mockDone).toEqual([]);
  mockAliases = ["d2"];
  await failover.delete?.("id", failing);
  expect(mockDone).toEqual(["d3: holding shop back", `d2 hears of d1 ${KNOWN}`, "d1: holding shop back"]);
});
