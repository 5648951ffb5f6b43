import { type DirectorSeen, judgeHolders } from "../../../provider/workflows/failover/holder";
import { failoverInputs } from "../../../provider/workflows/failover/inputs";

const VIP = "10.0.0.9";
const seen = (name: string, more: Partial<DirectorSeen> = {}): DirectorSeen => ({
  ...{ name, has: [], state: "BACKUP" },
  ...more,
});
const holds = (name: string, more: Partial<DirectorSeen> = {}) => seen(name, { has: [VIP], state: "MASTER", ...more });
const down = (name: string) => seen(name, { unreachable: "no answer", state: "UNREACHABLE" });

test.each([
  ["one that stands by", [holds("d1"), seen("d2")], "d1"],
  ["one that is unfit", [seen("d1", { state: "FAULT" }), holds("d2")], "d2"],
  ["one that is down", [down("d1"), holds("d2")], "d2"],
])("one director has the VIP, beside %s", (_, directors, holder) => {
  expect(judgeHolders([VIP], directors)).toEqual({ holder: directors.find(({ name }) => name === holder) });
});

test.each<[string, DirectorSeen[], RegExp]>([
  [
    "both are master",
    [holds("d1"), holds("d2")],
    /^d1 and d2 have 10.0.0.9 at the same time: they do not hear each other.*FirewallRule/,
  ],
  [
    "one was killed and left it behind",
    [holds("d1", { state: "STOPPED" }), holds("d2")],
    /at the same time: d1: keepalived does not run there.*systemctl start keepalived/,
  ],
  [
    "somebody added it by hand",
    [holds("d1"), holds("d2", { state: "BACKUP" })],
    /d2: keepalived is BACKUP there.*by hand, or a VipAlias/,
  ],
  [
    "nobody is fit",
    [seen("d1", { state: "FAULT" }), seen("d2", { state: "FAULT" })],
    /^no director has 10.0.0.9: d1 and d2 are unfit/,
  ],
  [
    "one is unfit, and the other down",
    [seen("d1", { state: "FAULT" }), down("d2")],
    /^no director that answers has.*d1 is unfit/,
  ],
  [
    "keepalived runs nowhere",
    [seen("d1", { state: "STOPPED" }), seen("d2", { state: "STOPPED" })],
    /does not run on d1 and d2/,
  ],
  [
    "one was given up, and the other is unfit",
    [
      seen("d1", { state: "FAULT", givenUp: { reason: "new disk", by: "a@b", since: "2026-01-01T00:00:00Z" } }),
      seen("d2", { state: "FAULT" }),
    ],
    /given up d1 \(new disk, since 2026-01-01T00:00:00Z\)\. `pulumi-lvs return d1` .*d2 is unfit/,
  ],
  [
    "both were given up by hand",
    [seen("d1", { state: "FAULT", givenUp: {} }), seen("d2", { state: "FAULT", givenUp: {} })],
    /given up d1 and d2\. `pulumi-lvs return d1` or `pulumi-lvs return d2` brings it back$/,
  ],
  ["both hear another", [seen("d1"), seen("d2")], /another master.*routerId/],
  ["it was deleted by hand", [seen("d1", { state: "MASTER" }), seen("d2")], /d1 took it, and it is gone there/],
  ["nobody answers", [down("d1"), down("d2")], /none could be asked/],
  [
    "the only one has it left over",
    [holds("d1", { state: "STOPPED" }), down("d2")],
    /d1 has 10.0.0.9, and keepalived does not run/,
  ],
])("%s: the cause is told", (_, directors, wrong) => {
  expect(judgeHolders([VIP], directors).wrong).toMatch(wrong);
});

test("a director that has one of two addresses is told", () => {
  const { holder, wrong } = judgeHolders([VIP, "10.2.0.1"], [holds("d1"), seen("d2")]);
  expect(holder?.name).toBe("d1");
  expect(wrong).toMatch(/^d1 has 10.0.0.9, and 10.2.0.1 is missing there/);
});

test("one director is no failover", () => {
  const inputs = { instance: "shop", addresses: [VIP], directors: [{ name: "d1", address: "10.0.0.2" }] };
  expect(() => failoverInputs.parse(inputs)).toThrow(/two directors at least/);
  const twice = { ...inputs, directors: [...inputs.directors, ...inputs.directors] };
  expect(() => failoverInputs.parse(twice)).toThrow(/the same as number 0 of the list/);
});
