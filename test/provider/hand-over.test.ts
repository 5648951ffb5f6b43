import { servesBy } from "../../provider/operations/hand-over";
import type { HostStatus } from "../../provider/operations/status";
import { isFit, whyUnfit } from "../../provider/workflows/failover/fit";
import type { Asked } from "../../provider/workflows/failover/judged";

// Whether a director can take over from another one that is given up.

const VIP = "10.0.0.9";
const both = ["master", "backup"];
const asked = (name: string, more: Partial<Asked> = {}): Asked => ({
  ...{ name, has: [], state: "BACKUP", sync: both },
  ...more,
});
const from = asked("d1", { state: "MASTER", has: [VIP] });

/** A director's table: the weight of the only destination of each service. */
const table = (host: string, weights: Record<string, number>): HostStatus => ({
  ...{ host, address: "", instances: [], differences: [] },
  services: Object.entries(weights).map(([service, weight]) => ({
    ...{ service, declared: true, scheduler: "wrr" },
    destinations: [{ destination: "10.0.0.11:80", forwarding: "dr", weight } as never],
  })),
});
const whole = { [`${VIP}:80`]: 1, "99": 1 };

test("a director that stands by and has the table can", () => {
  expect(whyUnfit(asked("d2"), from, servesBy([table("d1", whole), table("d2", whole)]))).toBeUndefined();
  expect(["MASTER", "BACKUP", "FAULT", "STOPPED", "UNKNOWN", "UNREACHABLE"].filter(isFit)).toEqual([
    "MASTER",
    "BACKUP",
  ]);
});

test.each<[string, Partial<Asked>, RegExp]>([
  ["not reached", { unreachable: "host d2: no route", state: "UNREACHABLE" }, /^host d2: no route$/],
  ["stopped", { state: "STOPPED" }, /keepalived does not run on d2: `pulumi up --refresh`/],
  ["unfit", { state: "FAULT" }, /d2 is FAULT: an interface has no link, or/],
  [
    "given up",
    { state: "FAULT", givenUp: { reason: "a disk" } },
    /d2 \(a disk\) was given up as well: `pulumi-lvs return d2`/,
  ],
  ["without its sync daemon", { sync: ["master"] }, /sync daemon is gone/],
])("a director that is %s cannot", (_, more, why) => {
  expect(whyUnfit(asked("d2", more), from, servesBy([table("d1", whole), table("d2", whole)]))).toMatch(why);
});

test.each<[string, Record<string, number>, string]>([
  ["a service is not there", { "99": 1 }, `${VIP}:80`],
  ["a service has no server that gets clients", { ...whole, "99": 0 }, "99"],
])("%s: it cannot", (_, weights, service) => {
  const why = whyUnfit(asked("d2"), from, servesBy([table("d1", whole), table("d2", weights)]));
  expect(why).toBe(`d2 has no destination for ${service}: \`pulumi up --refresh\` repairs its table`);
});

test("what does not float does not count, and a pair without sync has none", () => {
  const own = { "10.0.0.2:25": 1, "10.0.0.2:53/udp": 1 };
  expect(
    whyUnfit(asked("d2"), from, servesBy([table("d1", { ...whole, ...own }), table("d2", whole)])),
  ).toBeUndefined();
  expect(whyUnfit(asked("d2", { sync: [] }), { ...from, sync: [] }, servesBy([]))).toBeUndefined();
});
