import { LvsError } from "pulumi-lvs-provider/operations";
import { mermaid } from "../../cli/graph/mermaid";
import { topologyOf } from "../../cli/graph/topology";
import { readPreview, readState } from "../../cli/state";
import { UNKNOWN } from "../../provider/model";
import { exported, status } from "./drawn-site";

// A state that was edited by hand has anything in the place of anything. A preview has a placeholder for what comes later.

type Path = readonly string[];

/** The ways to each value within. */
const within = (value: unknown, path: Path = []): Path[] =>
  value !== null && typeof value === "object"
    ? Object.entries(value).flatMap(([key, part]) => [[...path, key], ...within(part, [...path, key])])
    : [];

function replaced(value: object, path: Path, by: unknown): object {
  const copy = structuredClone(value) as Record<string, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as typeof at;
  at[path.at(-1) as string] = by;
  return copy;
}

const { resources } = exported.deployment;
/** One of each kind: the others have the same shape. */
const each = [...new Map(resources.map((one) => [one.type, one])).values()];

test.each(each.map((one) => [one.type.replace(/.*:/, ""), one] as const))(
  "whatever stands in a %s, there is a picture, or the state is refused",
  (_, one) => {
    for (const path of within(one))
      for (const odd of [null, 0, "x", UNKNOWN, [null]]) {
        const mended = resources.map((other) => (other === one ? replaced(one, path, odd) : other));
        try {
          const state = readState({ deployment: { resources: mended } });
          for (const seen of [undefined, status]) expect(mermaid(topologyOf(state, seen))).toMatch(/^flowchart LR\n/);
        } catch (error) {
          // With the value that led there, which the stack of another error would not have.
          expect([path, odd, error instanceof LvsError ? "refused" : error]).toEqual([path, odd, "refused"]);
        }
      }
  },
);

const step = (kind: string, inputs: object) => {
  const type = `pulumi-nodejs:dynamic/lvs:${kind}`;
  return { newState: { urn: `urn:pulumi:dev::site::${type}::${kind}-${JSON.stringify(inputs).length}`, type, inputs } };
};
const host = { name: "director", address: UNKNOWN };

test("what comes later is said to come later", () => {
  const web = { host, protocol: "udp", address: UNKNOWN, port: 53, scheduler: UNKNOWN, forwarding: "dr" };
  const steps = [
    step("VirtualService", { ...web, destinations: UNKNOWN }),
    step("VirtualService", {
      host,
      mark: 7,
      persistence: { timeout: UNKNOWN },
      destinations: { "10.0.0.1:0": UNKNOWN },
    }),
    step("FirewallMark", { host, mark: 7, address: UNKNOWN, protocol: "tcp", ports: [80, 443] }),
    step("FirewallMark", { host, mark: 7, address: UNKNOWN, protocol: "udp", ports: UNKNOWN }),
  ];
  expect(mermaid(topologyOf(readPreview({ steps })))).toBe(`flowchart LR
  clients(["clients"])
  host_10_0_0_1["10.0.0.1"]
  host_director["director"]
  subgraph network1 ["one network"]
    host_director
    host_10_0_0_1
  end
  service1{{"tcp (known later):80, 443<br/>mark 7<br/>wlc, persistent (known later) s"}}
  clients --> service1
  service1 --> host_director
  host_director -->|"mark 7<br/>dr, weight 1"| host_10_0_0_1
  host_10_0_0_1 -.->|"answer"| clients
  service2{{"udp (known later):53<br/>(known later)<br/>real servers: known later"}}
  clients --> service2
  service2 --> host_director
`);
});
