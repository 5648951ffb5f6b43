import { join } from "node:path";
import { execa } from "execa";
import { root } from "../cache.js";
import { inOwnNetwork, type Started } from "../own-network.js";
import { inMemory } from "./in-memory.js";
import { type Own, withOwnFolder } from "./own-folder.js";
import type { Tested } from "./summary.js";
import type { Tier } from "./tiers.js";

export interface JestRun {
  readonly tier: Tier;
  /** The project of jest.config.cjs. Default: the tier's name */
  readonly project?: string;
  /** As jest's --maxWorkers. */
  readonly workers?: string;
  /** Run in namespaces of its own, which end with the run. */
  readonly separate?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Files in the checkout that the tests make. They are removed at the end, however the run ends. */
  readonly leaves?: readonly string[];
  /** Files whose paths match this pattern are left out. */
  readonly without?: string | undefined;
  /** Only these files, and in them only the tests with this name. */
  readonly only: Only;
}

/** A part of a tier's tests. */
export interface Only {
  /** Paths in the checkout; empty means all files. */
  readonly files: readonly string[];
  /** As jest's --testNamePattern. */
  readonly name?: string | undefined;
}

/** What test/progress.cjs reports about a file of tests. */
interface FileResult {
  readonly file: string;
  readonly tests: readonly Omit<Tested, "tier" | "file">[];
  /** Why the file could not be run. */
  readonly problem?: string;
}

const JEST = join(root, "node_modules", "jest", "bin", "jest.js");

/** Minutes in which the tests of one project end, also on a slow machine that nothing is cached on. */
const LIMIT = 60;

/**
 * V8 works in the workers' own threads alone, because together they keep every processor busy, and gives young objects so much
 * room (MiB) that most of them have died before it has to look for them. Units take 7 % less time.
 */
const V8 = ["--single-threaded", "--max-semi-space-size=64"];

/**
 * No test asks a server outside. Node would read all these certificates whenever it starts, which takes longer than the start
 * itself.
 */
const WITHOUT_CERTIFICATES = { NODE_EXTRA_CA_CERTS: undefined };

/** The file descriptor for these reports. It is a pipe, so no file is left behind. */
const RESULTS = 3;

/** Runs the tests of one project. */
export async function jest(run: JestRun): Promise<Tested[]> {
  const { command, args, env } = started(run);
  const start = (own?: Own) =>
    execa(command, args, {
      ...{ cwd: root, preferLocal: true, reject: false, detached: own?.detached ?? false },
      env: { ...env, ...run.env, ...own?.env, ...WITHOUT_CERTIFICATES, LVS_TEST_RESULTS: String(RESULTS) },
      stdio: ["ignore", "ignore", "inherit", "pipe"],
      ...{ timeout: LIMIT * 60_000, killSignal: "SIGKILL" },
    });
  // Namespaces of its own end with all that is in them.
  const leaves = (run.leaves ?? []).map((file) => join(root, file));
  // A lab's tests write disks; those of units write very many small files.
  const above = run.tier === "units" ? inMemory() : undefined;
  const done = await (run.separate ? start() : withOwnFolder(start, leaves, above));
  const tests = tested(run.tier, done.stdio[RESULTS] ?? "");
  if (done.exitCode === 0) return tests;
  if (!done.timedOut && tests.some(({ status }) => status === "failed")) return tests;
  // A failed exit without a failed test is a failure, too, and so are the tests that were not reached in time.
  const why = done.timedOut ? `not ended after ${LIMIT} min` : (done.shortMessage ?? "failed");
  const name = `jest --selectProjects ${run.project ?? run.tier}: ${why}`;
  console.error(name);
  return [...tests, { tier: run.tier, name, status: "failed", seconds: 0 }];
}

function started({ tier, project, workers, separate, without, only }: JestRun): Started {
  const reporter = join(root, "test", "progress.cjs");
  const args = [...V8, JEST, "--selectProjects", project ?? tier, "--passWithNoTests=false", "--reporters", reporter];
  // What a test on hosts or machines left running is ended with its namespaces or its group; jest would wait for it.
  if (separate || tier === "lab") args.push("--forceExit");
  if (workers) args.push(`--maxWorkers=${workers}`);
  if (without) args.push(`--testPathIgnorePatterns=${without}`);
  if (only.name !== undefined) args.push("--testNamePattern", only.name);
  if (only.files.length > 0) args.push("--runTestsByPath", ...only.files);
  return separate ? inOwnNetwork(process.execPath, args) : { command: process.execPath, args, env: {} };
}

function tested(tier: Tier, results: string): Tested[] {
  const files = results.split("\n").flatMap((line) => (line ? [JSON.parse(line) as FileResult] : []));
  return files.flatMap(({ file, tests, problem }) => [
    ...tests.map((test) => ({ tier, file, ...test })),
    ...(problem === undefined ? [] : [{ tier, file, name: file, status: "failed" as const, seconds: 0, why: problem }]),
  ]);
}
