import { leaveWithNpm, whenLeaving } from "../leaving.js";
import { phase } from "../progress.js";
import { awaitToolchain, ensureToolchain } from "../toolchain/index.js";
import { filesOf, type How, type Part, ROWS } from "./parts.js";
import { countsLine, isGood, type Tested, timesTable } from "./summary.js";
import { chosen, type Tier } from "./tiers.js";
import { inTurn } from "./turns.js";

/**
 * Runs the tiers or the files that are named, or all, and ends with one line of counts for all of them together. The tool chain
 * is made meanwhile. A later tier runs although an earlier one failed, so that one run tells everything.
 *
 * @param name only tests whose names match this pattern
 */
export async function test(words: readonly string[], name?: string): Promise<number> {
  const { tiers, files } = chosen(words);
  const wanted = (part: Part) => tiers.includes(part.tier) && (files.length === 0 || filesOf(part, files).length > 0);
  const rows = ROWS.map((lanes) => lanes.map((parts) => parts.filter(wanted)));
  const toolchain = rows.flat(2).some((part) => part.needsToolchain) ? ensureToolchain() : Promise.resolve();
  const seconds = new Map<Tier, number>(tiers.map((tier) => [tier, 0]));
  const tests: Tested[] = [];
  const run = async (part: Part) => {
    if (part.needsToolchain) await awaitToolchain().catch(() => {});
    const began = Date.now();
    const how = { thorough: tiers.includes("lab"), only: { files: filesOf(part, files), name } };
    tests.push(...(await phase(`${part.tier}: ${part.what}`, () => results(part, how))));
    seconds.set(part.tier, (seconds.get(part.tier) ?? 0) + (Date.now() - began) / 1000);
  };
  leaveWithNpm();
  const stay = whenLeaving(() => {});
  for (const lanes of rows) await Promise.all(lanes.map((parts) => inTurn(parts, toolchain, run)));
  stay();
  console.log(`\n${timesTable(seconds, tests)}\n\n${countsLine(tests)}`);
  return isGood(tests) ? 0 : 1;
}

const told = new Set<unknown>();

/** What cannot be run has failed, and says why; what several wait for says it once. */
async function results(part: Part, how: How): Promise<readonly Tested[]> {
  try {
    if (part.needsToolchain) await ensureToolchain();
    return await part.run(how);
  } catch (problem) {
    const name = `${part.tier}: ${part.what}`;
    const reason = problem instanceof Error ? problem.message : String(problem);
    console.error(told.has(problem) ? `${name}: not run, for the same reason` : `${name}: not run: ${reason}`);
    told.add(problem);
    return [{ tier: part.tier, name: `${part.what}: not run`, status: "failed", seconds: 0 }];
  }
}
