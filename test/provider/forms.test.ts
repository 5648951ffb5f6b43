import fc from "fast-check";
import { provider } from "../../provider/index";
import { kinds } from "../../provider/kinds";
import { UNKNOWN } from "../../provider/model";
import type { Handler, Props } from "../../provider/pulumi/handler";
import { Counts } from "./counts";
import { declarations } from "./declarations";
import { judge, type Verdict } from "./judge";
import { mutations } from "./mutations";
import { places, put } from "./places";

// Whatever is declared is refused with the name of its property, or it has a normal form that is what was meant. Each valid
// declaration is tried with each of its mutations.

let programs = 0;

/** What the engine adds to every resource. Each declaration is of a program of its own, so that no two contradict each other. */
const frame = (type: string) => ({ __provider: "stub", ...(kinds.has(type) && { owner: `lvs/prod${programs++}/it` }) });

/** The same mutations in every run. `LVS_SEED` chooses others. */
const seeds = process.env.LVS_SEED ? [Number(process.env.LVS_SEED)] : [1, 2];

const verdicts: Verdict[] = ["refused", "accepted", "dropped", "wrong", "another name", "threw"];
const counts = new Counts(`declarations checked, with the seeds ${seeds.join(" and ")}:`, verdicts);
afterAll(() => counts.tell());

describe.each(Object.entries(declarations))("%s", (type, given) => {
  const handler: Handler = provider(type);
  const check = (inputs: Props) => handler.check({}, { ...frame(type), ...inputs });

  test("is accepted as it is in the cases", async () => {
    const refused = await Promise.all(given.map(async (inputs) => (await check(inputs)).failures));
    expect(refused.flat()).toEqual([]);
  });

  test("is refused with the property's name, or has a normal form that was meant", async () => {
    const faults: string[] = [];
    for (const mutation of distinct(given)) {
      const { verdict, why } = await judge(type, check, mutation.base, mutation);
      counts.add(type, verdict);
      if (verdict !== "refused" && verdict !== "accepted") faults.push(`${verdict}: ${why}`);
    }
    expect(faults).toEqual([]);
  });

  test("is not refused for what comes only with the update", async () => {
    for (const inputs of given)
      for (const [path] of places(inputs).slice(1)) {
        const { failures } = await check(put(inputs, path, UNKNOWN));
        expect({ path, failures }).toEqual({ path, failures: [] });
      }
  });
});

/** The mutations of all declarations. What one declaration has tried is not tried with another one. */
function distinct(given: readonly Props[]) {
  const draws = seeds.map((seed) => {
    const numbers = fc.sample(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { seed, numRuns: 1000 });
    let next = 0;
    return () => numbers[next++ % numbers.length] as number;
  });
  const all = given.flatMap((base) => draws.flatMap((draw) => mutations(base, draw).map((one) => ({ ...one, base }))));
  const tried = all
    .filter(({ path, base }) => path[0] !== "host" || Object.keys(base.host as Props).length > 2)
    .map((one) => [JSON.stringify([one.path, one.value, Object.is(one.value, -0)]), one] as const);
  return new Map(tried).values();
}
