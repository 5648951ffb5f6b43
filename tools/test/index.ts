import { ensureKernel } from "../kernel/index.js";
import { leaveWithNpm, whenLeaving } from "../leaving.js";
import { phase } from "../progress.js";
import { awaitToolchain, ensureToolchain } from "../toolchain/index.js";
import { filesToTryAgain, withSecond } from "./again.js";
import type { Only } from "./jest.js";
import { ensureProgramsFor, ensureProgramsOf, filesOf, type How, PARTS, type Part } from "./parts.js";
import { Stopwatch } from "./stopwatch.js";
import { countsLine, failures, isGood, type Tested, timesTable } from "./summary.js";
import { chosen } from "./tiers.js";
import { inTurn } from "./turns.js";

/**
 * Runs the named tiers or files, or all of them. Ends with one line of counts for all of them together. The tool chain
 * is made meanwhile. A later tier runs although an earlier one failed, so that one run shows every failure. A few files that
 * failed beside others are tried once more, alone, and it is told what passed only then.
 *
 * @param name only tests whose names match this pattern
 */
export async function test(words: readonly string[], name?: string): Promise<number> {
  const { tiers, whole, files } = chosen(words);
  const wanted = (part: Part) => tiers.includes(part.tier) && (files.length === 0 || filesOf(part, files).length > 0);
  const parts = PARTS.filter(wanted);
  const toolchain = parts.some((part) => part.needsToolchain) ? ensureToolchain() : Promise.resolve();
  const times = new Map(tiers.map((tier) => [tier, new Stopwatch()]));
  const run = async (part: Part, only: Only): Promise<readonly Tested[]> => {
    if (part.needsToolchain) await awaitToolchain().catch(() => {});
    const testing = () =>
      phase(`${part.tier}: ${part.what}`, () =>
        results(part, { thorough: tiers.includes("lab"), whole: whole.includes(part.tier), only }),
      );
    return (await times.get(part.tier)?.during(testing)) ?? [];
  };
  leaveWithNpm();
  const stay = whenLeaving(() => {});
  await ensureProgramsOf(parts);
  // It is compiled while the first tests run, and not beside the lab, whose machines need every core.
  if (parts.some(({ needsKernel }) => needsKernel)) toolchain.then(ensureKernel).catch(() => {});
  const first: Tested[] = [];
  await inTurn(parts, toolchain, async (part) => {
    first.push(...(await run(part, { files: filesOf(part, files), name })));
  });
  const again = parts.length > 1 ? filesToTryAgain(first) : [];
  const second: Tested[] = [];
  for (const part of parts) {
    const own = filesOf(part, again);
    if (own.length > 0) second.push(...(await run(part, { files: own, name })));
  }
  stay();
  const { tests, passedAlone } = withSecond(first, second);
  console.log(`${failures(tests, passedAlone)}\n${timesTable(times, tests)}\n\n${countsLine(tests)}`);
  return isGood(tests) ? 0 : 1;
}

const reported = new Set<unknown>();

/**
 * A part that cannot be run counts as failed, and the reason is printed. A reason that several parts share is printed
 * once.
 */
async function results(part: Part, how: How): Promise<readonly Tested[]> {
  try {
    const hindrance = await part.hindrance?.();
    if (hindrance) {
      console.log(`${part.tier}: skipped: ${hindrance}`);
      return [{ tier: part.tier, name: part.tier, status: "skipped", seconds: 0 }];
    }
    await ensureProgramsFor(part);
    if (part.needsToolchain) await ensureToolchain();
    return await part.run(how);
  } catch (problem) {
    const name = `${part.tier}: ${part.what}`;
    const reason = problem instanceof Error ? problem.message : String(problem);
    console.error(reported.has(problem) ? `${name}: not run, for the same reason` : `${name}: not run: ${reason}`);
    reported.add(problem);
    return [{ tier: part.tier, name: `${part.what}: not run`, status: "failed", seconds: 0, why: reason }];
  }
}
