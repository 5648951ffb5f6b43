import type { Tested } from "./summary.js";

// On a machine that several parts keep busy, a test that watches clocks may fail by chance. It is tried once more, alone.

/** More files than these do not fail by chance. */
const FEW = 3;

/** The files that are tried once more: those with tests that failed, if they are few and nothing else failed. */
export function filesToTryAgain(tests: readonly Tested[]): string[] {
  const failed = tests.filter(({ status }) => status === "failed").map(({ file }) => file);
  const files = [...new Set(failed)].filter((file) => file !== undefined);
  return failed.includes(undefined) || files.length > FEW ? [] : files;
}

export interface Second {
  /** All tests, those of the files that were tried again by their second result. */
  readonly tests: readonly Tested[];
  /** The first results of tests that failed then, and passed alone. */
  readonly passedAlone: readonly Tested[];
}

/** What counts once some files were tried again. A test that failed and was not run the second time has failed. */
export function withSecond(first: readonly Tested[], second: readonly Tested[]): Second {
  const files = new Set<string | undefined>(second.flatMap(({ file }) => file ?? []));
  const again = new Map(second.map((test) => [test.name, test.status]));
  const failed = first.filter(({ status }) => status === "failed");
  const notRun = failed.filter(({ name }) => (again.get(name) ?? "skipped") === "skipped");
  const lost = new Set(notRun.map(({ name }) => name));
  return {
    tests: [
      ...first.filter(({ file }) => !files.has(file)),
      ...notRun.filter(({ file }) => files.has(file)),
      ...second.filter(({ name }) => !lost.has(name)),
    ],
    passedAlone: failed.filter(({ name }) => again.get(name) === "passed"),
  };
}
