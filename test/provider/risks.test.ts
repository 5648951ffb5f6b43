import type { Command } from "../../provider/host/command";
import { kinds } from "../../provider/kinds";
import type { Kind } from "../../provider/reconcile/kind";
import { act } from "../../provider/reconcile/steps";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

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

test.each([
  ["192.0.2.9", "lo", "192.0.2.9", "192.0.2.9"],
  // With its last address an interface loses its routes.
  ["192.0.2.9", "eth0", "192.0.2.9", undefined],
  ["2001:db8::9", "lo", "2001:db8::9", "2001:db8::9"],
  ["2001:db8::9", "eth0", "2001:db8::9", undefined],
])(
  "VipAlias %s on %s: the packets of one address alone are touched when it comes, and when it goes",
  (address, device, ...touched) => {
    const kind = kinds.get("VipAlias") as Kind;
    const want = kind.inputs.parse({ address, device }) as { prefix: number };
    const absent = { entries: [], hostRoute: false };
    const { prefix } = want;
    const there = { entries: [{ prefix, scope: "global", more: [] }], hostRoute: false };
    const [come] = kind.plan({ want, found: absent }, absent);
    const [go] = kind.plan({ had: want, found: absent }, there);
    expect([come?.risky?.only, go?.risky?.only]).toEqual(touched);
    // An entry with a network brings the route to it.
    const found = { entries: [{ prefix: prefix - 8, scope: "global", more: [] }], hostRoute: false };
    const [back] = kind.plan({ had: want, found }, absent);
    expect(back?.purpose).toMatch(`adding ${address}/${prefix - 8} on ${device}`);
    expect(back?.risky).toEqual({ undo: back?.risky?.undo, touches: "way", advice: back?.risky?.advice });
  },
);

test.each([
  ["198.51.100.0/24", "192.0.2.1", []],
  // Without a metric, the kernel deletes the first of several: the host's own, perhaps.
  ["2001:db8:1::/48", "2001:db8::1", ["metric", "1024"]],
])("Route to %s: ours goes again, and no other one to the same network", (to, via, metric) => {
  const kind = kinds.get("Route") as Kind;
  const [come] = kind.plan({ want: kind.inputs.parse({ to, via }), found: null }, null);
  const words = come?.risky?.undo.argv ?? [];
  expect(words.slice(words.indexOf("del"))).toEqual(["del", to, "via", via, ...metric, "table", "main"]);
});

onHosts("a setting that changes others", () => {
  test("is undone with them", async () => {
    using host = new MemoryHost();
    const [all, eth0, eth1] = ["all", "eth0", "eth1"].map((on) => `net/ipv6/conf/${on}/forwarding`) as [
      string,
      string,
      string,
    ];
    const kind = kinds.get("Sysctl") as Kind;
    const want = kind.inputs.parse({ key: "net.ipv6.conf.all.forwarding", value: 1 });
    const found = { value: "0", along: { [eth0]: "1", [eth1]: "0" } };
    const [step] = kind.plan({ want, found }, found);
    for (const file of [all, eth0, eth1]) host.write(`/proc/sys/${file}`, "1\n");
    await act(host, "Sysctl", [{ run: step?.risky?.undo as Command, purpose: "undoing it" }]);
    expect([all, eth0, eth1].map((file) => host.text(`/proc/sys/${file}`))).toEqual(["0\n", "1\n", "0\n"]);
  });
});

test("Link: an interface that goes down comes up again", () => {
  const kind = kinds.get("Link") as Kind;
  const want = kind.inputs.parse({ device: "eth0" });
  const [up] = kind.plan({ want, found: { up: false } }, { up: false });
  const [down] = kind.plan({ had: want, found: { up: false } }, { up: true });
  expect(down?.risky).toMatchObject({ touches: "way", undo: up?.run });
});
