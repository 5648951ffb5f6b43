import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { provider } from "../../provider/index";
import type { Props } from "../../provider/pulumi/handler";
import { ArgumentError } from "../../sdk/index";
import { isNamed } from "../provider/judge";
import { type Mutation, mutations } from "../provider/mutations";
import { put } from "../provider/places";
import { type Component, components } from "./components";
import { GENERATED, type Registered, register, unmarked } from "./registered";

// Whatever arguments a component gets, it refuses them by the property's name, or makes resources that the provider accepts. With
// values that come only with the update, a check of the provider tells the problem, and nothing throws.

type Verdict = "refused" | "told by a check" | "accepted" | "dropped" | "another name" | "threw";
const verdicts: Verdict[] = ["refused", "told by a check", "accepted", "dropped", "another name", "threw"];
const total = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>;

/** Only a part of the mutations is tried, and the same part in every run. `LVS_SEED` chooses another one. */
const seed = Number(process.env.LVS_SEED ?? 1);

afterAll(() => {
  const counts = verdicts.map((verdict) => `${verdict} ${total[verdict]}`).join(", ");
  process.stderr.write(`arguments tried, with the seed ${seed}: ${counts}\n`);
});

/** How many of those arguments that are not refused at once are declared, for each example. Declaring takes long. */
const DECLARED = process.env.LVS_THOROUGH ? Number.POSITIVE_INFINITY : 2;

/** What becomes of arguments: an error, or resources. */
interface Outcome {
  thrown?: unknown;
  made: readonly Registered[];
}

test.each(Object.entries(components))("%s", async (type, component) => {
  const faults: string[] = [];
  for (const given of component.given()) {
    const numbers = draws(500);
    let next = 0;
    const changed = mutations(given, () => numbers[next++ % numbers.length] as number);
    const outcomes = await tried(component, changed);
    const [base] = await declaredWith(component, [given]);
    expect(await problemsOf(base as Outcome)).toEqual([]);
    for (const [mutation, outcome] of outcomes) {
      const { verdict, why } = await judge(mutation, outcome, base as Outcome);
      total[verdict]++;
      if (!["refused", "told by a check", "accepted"].includes(verdict))
        faults.push(`${verdict}: ${type} ${mutation.path.join(".")} ${mutation.what}: ${show(mutation.value)} ${why}`);
    }
  }
  expect(faults).toEqual([]);
});

test.each(Object.entries(components))("%s, with values that come later", async (type, component) => {
  const faults: string[] = [];
  for (const given of component.given()) {
    const changed = mutations(given, () => 0).filter(({ what }) => LATER.test(what));
    const later = changed.map((one) => ({ ...one, inputs: put(given, one.path, pulumi.output(one.value)) }));
    for (const [{ path, value }, outcome] of await tried(component, later)) {
      const { thrown } = outcome;
      const isTold = thrown === undefined && (await problemsOf(outcome)).length > 0;
      const threw = thrown !== undefined && !(thrown instanceof ArgumentError);
      total[threw ? "threw" : thrown ? "refused" : isTold ? "told by a check" : "accepted"]++;
      if (threw) faults.push(`${type} ${path.join(".")}: ${show(value)}: ${(thrown as Error).stack}`);
    }
  }
  expect(faults).toEqual([]);
});

const LATER = /^(other type|empty|command|left out|number -1)$/;

function draws(numRuns: number): number[] {
  return fc.sample(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { seed, numRuns });
}

/** Arguments that are refused at once, and some of the others, which are declared in one program. */
async function tried(component: Component, all: readonly Mutation[]): Promise<[Mutation, Outcome][]> {
  const refused = all.map((one): [Mutation, Outcome] => [
    one,
    { thrown: refusedAtOnce(component, one.inputs), made: [] },
  ]);
  const passed = refused.filter(([, { thrown }]) => thrown === undefined).map(([one]) => one);
  const order = new Map(draws(passed.length).map((draw, i) => [passed[i], draw]));
  const drawn = passed.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)).slice(0, DECLARED);
  const chosen = [...new Set([...passed.filter(({ added }) => added).slice(0, DECLARED), ...drawn])];
  const outcomes = await declaredWith(
    component,
    chosen.map(({ inputs }) => inputs),
  );
  return [
    ...refused.filter(([, { thrown }]) => thrown !== undefined),
    ...chosen.map((one, i): [Mutation, Outcome] => [one, outcomes[i] as Outcome]),
  ];
}

const PASSED = new Error("the arguments were judged");

/** The error before anything is registered. Reading the options is what comes after the judgement. */
function refusedAtOnce({ make }: Component, inputs: object): unknown {
  const stop = () => {
    throw PASSED;
  };
  try {
    make("it", inputs as never, new Proxy({}, { get: stop, has: stop, ownKeys: stop }));
    return new Error("nothing was registered");
  } catch (error) {
    return error === PASSED ? undefined : error;
  }
}

const SEEN = { ...GENERATED, Release: { machine: "0123456789abcdef0123456789abcdef" } };

/** Makes the component of each of the arguments, in one program. An exception in an apply ends the test. */
async function declaredWith({ make }: Component, all: readonly object[]): Promise<Outcome[]> {
  const thrown: unknown[] = [];
  const registered = await register(() => {
    for (const [i, args] of all.entries())
      try {
        make(`t${i}`, args as never);
      } catch (error) {
        thrown[i] = error;
      }
  }, SEEN);
  return all.map((_, i) => ({
    thrown: thrown[i],
    made: registered.filter(({ name }) => name.split("-")[0] === `t${i}`),
  }));
}

async function judge(mutation: Mutation, outcome: Outcome, base: Outcome): Promise<{ verdict: Verdict; why: string }> {
  const { thrown, made } = outcome;
  if (thrown !== undefined && !(thrown instanceof ArgumentError)) return { verdict: "threw", why: String(thrown) };
  const problems = thrown instanceof ArgumentError ? thrown.problems : await problemsOf(outcome);
  if (problems.length > 0) {
    const dotted = problems.map(({ property, reason }) => ({ property: withDots(property), reason }));
    // A child may have the argument under the same name, at another place.
    const name = String(mutation.path.findLast((key) => typeof key === "string"));
    const isOfChild = dotted.some(({ property }) => property === name || property.endsWith(`.${name}`));
    const told = thrown === undefined ? "told by a check" : "refused";
    return {
      verdict: isNamed(mutation, dotted) || isOfChild ? told : "another name",
      why: JSON.stringify(problems).slice(0, 300),
    };
  }
  return { verdict: mutation.added && same(made, base.made) ? "dropped" : "accepted", why: "" };
}

/** `virtuals["99/ipv6"].real[0]` as `virtuals.99/ipv6.real.0`. */
function withDots(property: string): string {
  const dotted = property.replace(/\[(\d+|"(?:[^"\\]|\\.)*")\]/g, (_, key) => `.${JSON.parse(key)}`);
  return dotted.replace(/^\./, "");
}

/** What the provider's checks say of the resources. Other trials declare the same things differently. */
async function problemsOf({ made }: Outcome) {
  const checks = made.map(async ({ type, inputs }) => {
    const [, kind] = /^pulumi-nodejs:dynamic\/lvs:(\w+)$/.exec(type) ?? [];
    return kind ? (await provider(kind).check({}, unmarked(inputs) as Props)).failures : [];
  });
  return (await Promise.all(checks)).flat().filter(({ reason }) => !/is declared (differently )?by/.test(reason));
}

/** Whether the same resources were made, but for their names. */
function same(made: readonly Registered[], others: readonly Registered[]): boolean {
  const plain = (all: readonly Registered[]) => JSON.stringify(all).replace(/\bt\d+\b/g, "t");
  return plain(made) === plain(others);
}

function show(value: unknown): string {
  return pulumi.Output.isInstance(value) || typeof value === "function"
    ? "…"
    : String(JSON.stringify(value)).slice(0, 60);
}
