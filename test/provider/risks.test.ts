import { kinds } from "../../provider/kinds";
import type { Kind } from "../../provider/reconcile/kind";

// Steps that may cut us off. The host undoes what came by what takes it away, and what went by what brings it: until then, both
// are the first step of a create and of a delete.

const way = { to: "198.51.100.0/24", via: "192.0.2.1" };
const routed = { spec: [way.to, "via", way.via], via: way.via };
const alias = { prefix: 32, broadcast: "192.0.2.9", label: "eth0", scope: "global", more: [] };

const both: [kind: string, inputs: object, absent: unknown, there: unknown][] = [
  ["Route", way, null, routed],
  ["RoutingRule", { priority: 1000, from: "192.0.2.9", table: "100" }, { present: false }, { present: true }],
  [
    "VipAlias",
    { address: "192.0.2.9", device: "eth0" },
    { entries: [], hostRoute: false },
    { entries: [alias], hostRoute: true },
  ],
];
test.each(both)("%s: what comes is undone by what goes, and the other way round", (name, inputs, absent, there) => {
  const kind = kinds.get(name) as Kind;
  const want = kind.inputs.parse(inputs);
  const [come] = kind.plan({ want, found: absent }, absent);
  const [go] = kind.plan({ had: want, found: absent }, there);
  expect([come?.risky?.touches, go?.risky?.touches]).toEqual(["way", "way"]);
  expect(come?.risky?.undo).toEqual(go?.run);
  expect(go?.risky?.undo).toEqual(come?.run);
});

test("Link: an interface that goes down comes up again", () => {
  const kind = kinds.get("Link") as Kind;
  const want = kind.inputs.parse({ device: "eth0" });
  const [up] = kind.plan({ want, found: { up: false } }, { up: false });
  const [down] = kind.plan({ had: want, found: { up: false } }, { up: true });
  expect(down?.risky).toMatchObject({ touches: "way", undo: up?.run });
});
