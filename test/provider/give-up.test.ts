import { type GiveUpOptions, giveUpDirector } from "../../provider/operations/hand-over";
import type { Resource } from "../../provider/operations/resource";
import { whoMayGo } from "../../provider/workflows/failover/absence";
import type { Asked } from "../../provider/workflows/failover/judged";

// A director is given up, or taken away by a check, after a wait in which things may change.

const VIP = "10.0.0.9";
const mockDone: string[] = [];
let mockShown: Asked[][];
let mockTaken: object;
jest.mock("../../provider/host/pool", () => ({
  withSession: (_: unknown, work: (session: unknown) => unknown) => work(undefined),
}));
jest.mock("../../provider/host/fact", () => ({
  ...jest.requireActual("../../provider/host/fact"),
  find: async () => ({}),
}));
jest.mock("../../provider/reconcile/steps", () => ({
  async act(_: unknown, __: string, steps: readonly { purpose: string }[]) {
    mockDone.push(...steps.map(({ purpose }) => purpose));
  },
}));
jest.mock("../../provider/operations/status", () => ({ statusOf: async () => ({ hosts: [] }) }));
jest.mock("../../provider/workflows/failover/known-connections", () => ({
  async untilKnown(from: { name: string }, heirs: readonly { name: string }[]) {
    mockDone.push(`${heirs.map(({ name }) => name)} hears of ${from.name}`);
  },
}));
jest.mock("../../provider/workflows/failover/change", () => ({ takenOver: async () => mockTaken }));
jest.mock("../../provider/workflows/failover/judged", () => {
  const { judgeHolders } = jest.requireActual("../../provider/workflows/failover/holder");
  return {
    async judged() {
      const directors = (mockShown.length > 1 ? mockShown.shift() : mockShown[0]) as Asked[];
      return { directors, ...judgeHolders([VIP], directors) };
    },
  };
});

const sync = ["master", "backup"];
const holds = (name: string): Asked => ({ name, has: [VIP], state: "MASTER", sync });
const standsBy = (name: string, more: Partial<Asked> = {}): Asked => ({
  ...{ name, has: [], state: "BACKUP", sync },
  ...more,
});
const lost = (name: string) =>
  standsBy(name, { state: "UNREACHABLE", unreachable: `host ${name}: no route`, sync: [] });

const directors = ["d1", "d2"].map((name, i) => ({ name, address: `10.0.0.${i + 2}` }));
const failover = { instance: "shop", addresses: [VIP], directors, within: 30 };
const stack = [{ kind: "Failover", inputs: failover }] as never as Resource[];
const how: GiveUpOptions = { timeout: 300, onTimeout: "fail", force: false };
const giveUp = (more: Partial<GiveUpOptions> = {}) =>
  giveUpDirector("d1", stack, { reason: "new memory", by: "me", since: "now" }, { ...how, ...more });

beforeEach(() => {
  mockDone.length = 0;
  mockShown = [[holds("d1"), standsBy("d2")]];
  mockTaken = { holder: { name: "d2" } };
});

test("the other director hears of the connections, and then takes over", async () => {
  expect(await giveUp()).toEqual([{ instance: "shop", addresses: [VIP], moved: true, holder: "d2" }]);
  expect(mockDone).toEqual(["d2 hears of d1", "giving up shop"]);
});

test("one that was lost while connections were waited for takes nothing over: the director stays", async () => {
  mockShown.push([holds("d1"), lost("d2")]);
  await expect(giveUp()).rejects.toThrow(
    /^d1 cannot be given up, because no other director is fit: host d2: no route\./,
  );
  expect(mockDone).toEqual(["d2 hears of d1"]);
});

test("one that has taken over meanwhile is told as the one that has the addresses", async () => {
  mockShown.push([standsBy("d1"), holds("d2")]);
  expect(await giveUp()).toMatchObject([{ moved: false, holder: "d2" }]);
});

test.each<[string, Asked, RegExp, string[]]>([
  [
    "comes back",
    holds("d1"),
    /^d1 was given up, and has come back, because nobody has it$/,
    ["giving up shop", "bringing back shop"],
  ],
  [
    "stays given up where an operator had given it up before",
    { ...holds("d1"), givenUp: { reason: "a disk" } },
    /^d1 was given up before, and stays so, although nobody has it$/,
    [],
  ],
])("where nobody takes over it %s", async (_, own, why, done) => {
  mockShown = [[own, standsBy("d2")]];
  mockTaken = { wrong: "nobody has it" };
  await expect(giveUp()).rejects.toThrow(why);
  expect(mockDone).toEqual(["d2 hears of d1", ...done]);
});

test.each<[string, Asked[], RegExp]>([
  ["the other one was lost", [holds("d1"), lost("d2")], /^d1 may not be taken away, because no other director is fit/],
  ["the other one took over", [standsBy("d1"), holds("d2")], /d2 has taken over from d1 meanwhile$/],
])("a check takes nobody away where %s while connections were waited for", async (_, then, why) => {
  // It is looked whether a former check has left somebody away, too.
  mockShown = [...mockShown, ...mockShown, then];
  await expect(whoMayGo(failover as never, { timeout: 300, onTimeout: "fail" })).rejects.toThrow(why);
  expect(mockDone).toEqual(["d2 hears of d1"]);
});
