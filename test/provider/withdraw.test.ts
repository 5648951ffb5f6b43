import { isAnnouncing, whyNotAnnouncing } from "../../provider/operations/withdraw";

// Whether another director goes on announcing when one is given up.

test("a director with one session announces", () => {
  const sessions = { "10.0.0.1": { state: "Established" }, "10.0.0.254": { state: "Active" } };
  expect(whyNotAnnouncing("d2", { sessions })).toBeUndefined();
});

test("one whose daemon is gone, or whose sessions wait, does not", () => {
  const why = "d2 has no session with a router (birdc show protocols)";
  expect(whyNotAnnouncing("d2", { sessions: {} })).toBe(why);
  expect(whyNotAnnouncing("d2", { sessions: { "10.0.0.1": { state: "Connect" } } })).toBe(why);
});

test("one that was given up does not, whatever its sessions say", () => {
  const sessions = { "10.0.0.1": { state: "Established" } };
  expect(whyNotAnnouncing("d2", { sessions, withdrawn: {} })).toMatch(/given up as well: `pulumi-lvs return d2`/);
});

test("one that has withdrawn by itself does not, also where its reason cannot be read", () => {
  const sessions = { "10.0.0.1": { state: "Established" } };
  const why = (unfit: object) => whyNotAnnouncing("d2", { sessions, unfit });
  expect(why({ reason: "no server of 99" })).toBe("d2 has withdrawn by itself: no server of 99");
  expect(why({})).toBe("d2 has withdrawn by itself: it is unfit");
});

test("a host announces what the stack declares on it", () => {
  const host = { name: "d1", address: "192.0.2.1" };
  const resource = { kind: "BgpAnnouncement", name: "shop", id: "d1/BgpAnnouncement/shop", parents: [], state: {} };
  const resources = [{ ...resource, inputs: { host, name: "shop" } }];
  expect(isAnnouncing(resources, "d1")).toBe(true);
  expect(isAnnouncing(resources, "d2")).toBe(false);
});
