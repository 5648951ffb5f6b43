import { isWell, statusText } from "../../cli/status-text";
import { failoversOn } from "../../provider/operations/holders";
import type { Resource } from "../../provider/operations/resource";
import type { HostStatus, Status } from "../../provider/operations/status";

// Who has what floats, as `status` judges it.

const VIP = "fd00::9";
const directors = ["d1", "d2"].map((name, at) => ({ name, address: `10.0.0.${at + 2}` }));
const failover = { kind: "Failover", inputs: { instance: "shop", addresses: [VIP], directors, within: 30 } };

function director(name: string, state: string, addresses: readonly string[] = [], more = {}): HostStatus {
  const own = { host: name, address: "", services: [], differences: [], addresses };
  return { ...own, instances: [{ instance: "shop", state, ...more }] };
}

function judged(...hosts: readonly HostStatus[]): Status {
  return { hosts, failovers: failoversOn([failover as never as Resource], hosts) };
}

const stands = director("d2", "BACKUP");
const gone: HostStatus = { ...director("d2", ""), error: "host d2: no route", instances: [] };

test("one director has it, and another one could take over: all is well", () => {
  const status = judged(director("d1", "MASTER", ["10.0.0.2", VIP]), stands);
  expect(status.failovers).toEqual([{ instance: "shop", addresses: [VIP], holder: "d1" }]);
  expect(isWell(status)).toBe(true);
});

test.each([
  [
    "two have it",
    [director("d1", "MASTER", [VIP]), director("d2", "MASTER", [VIP])],
    "shop: d1 and d2 have fd00::9 at ",
  ],
  ["none has it", [director("d1", "FAULT"), director("d2", "FAULT")], "shop: no director has fd00::9: d1 and d2 are "],
  ["nobody that answers has it", [director("d1", "BACKUP"), gone], "shop: no director that answers has fd00::9: "],
  [
    "it was left behind",
    [director("d1", "STOPPED", [VIP]), stands],
    "shop: d1 has fd00::9, and keepalived does not run",
  ],
])("%s: status says so, with the cause", (_, hosts, line) => {
  const status = judged(...hosts);
  const text = statusText(status, new Map());
  expect(text).toContain(`\n${line}`);
  expect(text).toMatch(/; not on one director: fd00::9\b.*\n$/);
  expect(isWell(status)).toBe(false);
});

test("nobody could take over: that is named, too", () => {
  const status = judged(director("d1", "MASTER", [VIP]), director("d2", "FAULT"));
  expect(statusText(status, new Map())).toMatch(/0 destinations out; cannot take over: d2\n$/);
  expect(isWell(status)).toBe(false);
});

test("one that was given up is said to be that", () => {
  const given = director("d2", "FAULT", [], { givenUp: { reason: "new memory" } });
  const status = judged(director("d1", "MASTER", [VIP]), given);
  expect(statusText(status, new Map())).toMatch(/0 destinations out; given up: d2\n$/);
});

test("nothing is judged where something could not be read", () => {
  const unread = director("d1", "MASTER", [VIP]);
  expect(judged({ ...unread, addresses: undefined } as never, stands).failovers).toEqual([]);
  expect(judged({ ...unread, instances: [] }, stands).failovers).toEqual([]);
});
