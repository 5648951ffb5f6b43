import { takeAway, type Way } from "../../../provider/workflows/failover/absence";
import type { FailoverInputs } from "../../../provider/workflows/failover/inputs";

// A director that is taken away comes back, whatever has happened meanwhile.

const mockDone: string[] = [];
let mockFails: string | undefined;
let mockShown: object;
let mockBack: string;
jest.mock("../../../provider/host/pool", () => ({
  withSession: (_: unknown, work: (session: unknown) => unknown) => work(undefined),
}));
jest.mock("../../../provider/reconcile/steps", () => ({
  async act(_: unknown, __: string, steps: readonly { purpose: string }[]) {
    mockDone.push(...steps.map(({ purpose }) => purpose));
    if (steps.some(({ purpose }) => purpose === mockFails)) throw new Error(`${mockFails}: no answer`);
  },
}));
jest.mock("../../../provider/workflows/failover/change", () => ({
  takenOver: async () => mockShown,
  fitAgain: async () => [{ state: mockBack }],
}));

const failover: FailoverInputs = { instance: "shop", addresses: ["10.0.0.9"], directors: [], within: 30 };
const away = (way: Way) => takeAway(failover, { name: "d1" } as never, way);

beforeEach(() => {
  mockDone.length = 0;
  [mockFails, mockShown, mockBack] = [undefined, { holder: { name: "d2" } }, "BACKUP"];
});

test.each<[Way, string[]]>([
  ["hand-over", ["arming the way back of shop", "giving up shop", "bringing back shop", "calling off the way back"]],
  [
    "stop",
    ["arming the way back of shop", "stopping keepalived", "starting keepalived again", "calling off the way back"],
  ],
])("by %s: it is told who took over", async (way, done) => {
  expect(await away(way)).toBe("d2");
  expect(mockDone).toEqual(done);
});

test.each<[string, object, RegExp]>([
  [
    "nobody has taken over",
    { wrong: "no director has 10.0.0.9" },
    /^no other director has taken 10.0.0.9 from d1: no director has/,
  ],
  ["it kept them", { holder: { name: "d1" } }, /^no other director has taken 10.0.0.9 from d1: it kept them$/],
])("%s: it comes back all the same", async (_, shown, why) => {
  mockShown = shown;
  await expect(away("stop")).rejects.toThrow(why);
  expect(mockDone.slice(1, 3)).toEqual(["stopping keepalived", "starting keepalived again"]);
});

test("where it is not known whether it went, it is brought back as well", async () => {
  mockFails = "giving up shop";
  await expect(away("hand-over")).rejects.toThrow(/no answer/);
  expect(mockDone.slice(1, 3)).toEqual(["giving up shop", "bringing back shop"]);
});

test("one that does not get fit again is told", async () => {
  mockBack = "FAULT";
  await expect(away("hand-over")).rejects.toThrow(/^d2 has taken 10.0.0.9, and d1 is not fit again: it is FAULT/);
});
