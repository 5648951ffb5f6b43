import type { Tier } from "./tiers.js";

/** One test that ran. Anything else that can fail (a linter, a file that does not load) counts as one test. */
export interface Tested {
  readonly tier: Tier;
  readonly name: string;
  /** The file that the test stands in. What is no test of a file has none. */
  readonly file?: string;
  readonly status: "passed" | "failed" | "skipped";
  readonly seconds: number;
  /** What went wrong, where the test failed. */
  readonly why?: string | undefined;
}

const SLOWEST = 10;

/** The end of a run has so many lines of each failure. The whole stands where the test ran. */
const LINES_OF_WHY = 30;

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

/** Each test that failed with its reason, once more at the end: a whole run prints hundreds of lines after the failure. */
export function failures(tests: readonly Tested[], passedAlone: readonly Tested[] = []): string {
  const failed = tests.filter(({ status }) => status === "failed");
  return told("What failed", failed) + told("What failed beside other tests, and passed alone", passedAlone);
}

function told(heading: string, failed: readonly Tested[]): string {
  if (failed.length === 0) return "";
  const lines = failed.flatMap(({ name, why = "" }) => {
    const reason = why.split("\n").filter((line) => line.trim() !== "");
    const left = reason.length > LINES_OF_WHY ? [`(${reason.length - LINES_OF_WHY} lines more above)`] : [];
    return [`  ${name}`, ...[...reason.slice(0, LINES_OF_WHY), ...left].map((line) => `    ${line}`)];
  });
  return `\n${heading}\n${lines.join("\n")}\n`;
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
