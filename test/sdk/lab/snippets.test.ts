import { readdirSync } from "node:fs";
import { join } from "node:path";
import { programsOf } from "../../guide";
import { judged, ofDocstrings } from "./snippets";

// What is shown compiles. `pulumi-lvs/lab` is among it, whose types need those of @pulumi/libvirt.

const root = join(__dirname, "../../..");

/** Code of the tests and of the provider, in pieces. */
const IN_PIECES = ["CONTRIBUTING.md", "docs/adding-a-kind.md"];

const guides = ["README.md", "DESIGN.md", "CONTRIBUTING.md"]
  .concat(readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) => `docs/${name}`))
  .filter((guide) => guide.endsWith(".md") && !guide.startsWith("docs/.site"))
  .filter((guide) => !IN_PIECES.includes(guide) && programsOf(guide).length > 0);

const shown = Object.fromEntries(guides.map((guide) => [guide, programsOf(guide)]));
const examples = ofDocstrings();
const wrong = [
  { from: "a property that there is not", code: 'new Route("r", { host: rs1, to: "default", gateway: "10.0.0.1" });' },
  { from: "a value of another type", code: 'new Sysctl("s", { host: rs1, key: 5, value: 1 });' },
  { from: "beside what is left out", code: 'new DrCluster("shop", {\n  …\n  vip: 5,\n});' },
];

let found: Record<string, string[]>;
beforeAll(() => {
  found = judged([...Object.values(shown).flat(), ...examples, ...wrong]);
});

const faults = (snippets: readonly { from: string }[]) =>
  snippets.flatMap(({ from }) => (found[from] ? [{ from, said: found[from] }] : []));

test("guides with programs", () => {
  expect(guides.length).toBeGreaterThanOrEqual(8);
});

test.each(guides)("the programs of %s", (guide) => {
  expect(faults(shown[guide] ?? [])).toEqual([]);
});

test("the examples of the reference", () => {
  expect(examples.length).toBeGreaterThan(200);
  expect(faults(examples)).toEqual([]);
});

test("each class has an example", () => {
  const exported = { ...jest.requireActual("pulumi-lvs"), ...jest.requireActual("pulumi-lvs/lab") };
  const classes = Object.keys(exported).filter((name) => /^[A-Z]/.test(name) && typeof exported[name] === "function");
  expect(classes.length).toBeGreaterThan(40);
  const without = classes.filter((name) => !examples.some(({ from }) => from.includes(`, ${name}, `)));
  // What others are made of, and what Bird, Ldirectord and Keepalived declare.
  const parts = ["ArgumentError", "HostResource", "LvsResource", "BgpAnnouncement", "HealthChecks", "VrrpInstance"];
  expect(without).toEqual(parts);
});

test("a fault in a program is found", () => {
  expect(faults(wrong).map(({ from }) => from)).toEqual(wrong.map(({ from }) => from));
});
