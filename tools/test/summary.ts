import type { Tier } from "./tiers.js";

/** One test that ran. Anything else that can fail (a linter, a file that does not load) counts as one test. */
export interface Tested {
  readonly tier: Tier;
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  readonly seconds: number;
}

const SLOWEST = 10;

/** The last line: how many tests of all tiers passed and failed. */
export function countsLine(tests: readonly Tested[]): string {
  const { passed, failed, skipped } = counts(tests);
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Whether something was tested at all and nothing failed. */
export function isGood(tests: readonly Tested[]): boolean {
  const { passed, failed } = counts(tests);
  return failed === 0 && passed > 0;
}

/** The time and the counts of each tier, and the slowest tests. */
export function timesTable(times: ReadonlyMap<Tier, { readonly seconds: number }>, tests: readonly Tested[]): string {
  const tiers = [...times].map(([tier, { seconds }]) => {
    const line = countsLine(tests.filter((test) => test.tier === tier));
    return `  ${tier.padEnd(12)}${time(seconds)}  ${line}`;
  });
  const slowest = tests
    .filter(({ status }) => status !== "skipped")
    .sort((one, other) => other.seconds - one.seconds)
    .slice(0, SLOWEST)
    .map(({ tier, name, seconds: took }) => `  ${tier.padEnd(12)}${time(took)}  ${name}`);
  return ["The tiers", ...tiers, "", "The slowest tests", ...slowest].join("\n");
}

function counts(tests: readonly Tested[]): Record<Tested["status"], number> {
  const found = { passed: 0, failed: 0, skipped: 0 };
  for (const { status } of tests) found[status]++;
  return found;
}

/** Right-aligned: "  7.3 s", "12:05 min". */
function time(seconds: number): string {
  const whole = Math.round(seconds);
  const text =
    seconds < 60 ? `${seconds.toFixed(1)} s  ` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
  return text.padStart(9);
}
