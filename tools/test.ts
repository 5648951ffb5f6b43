import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "./cache.js";
import { ensurePrograms } from "./machine.js";
import { inOwnNetwork, type Started, whyNoOwnNetwork } from "./own-network.js";
import { phase } from "./progress.js";

/** The tiers, cheapest first. A later one runs although an earlier one failed, so that one run tells everything. */
const TIERS: Readonly<Record<string, string>> = {
  style: "lint, format and types",
  units: "kinds, reconcile, SDK, SSH sessions, the real dynamic-provider process",
  namespaces: "hosts as network namespaces with their own sshd",
  lab: "real VMs, real IPVS, real `pulumi up`",
};

/** What the lab's tests look at the shop with, and the Debian package that has it. */
const BROWSER = {
  "/usr/bin/chromium": "chromium",
  "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf": "fonts-dejavu-core",
};

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs the tiers and ends with one line of counts for all of them together. */
export async function test(only: string[]): Promise<number> {
  const unknown = only.filter((tier) => !(tier in TIERS));
  if (unknown.length > 0) throw new Error(`no tier ${unknown.join(", ")}; there are ${Object.keys(TIERS).join(", ")}`);
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const tier of Object.keys(TIERS)) {
    if (only.length > 0 && !only.includes(tier)) continue;
    const counts = await phase(`${tier}: ${TIERS[tier]}`, () => (tier === "style" ? style() : jest(tier)));
    for (const key of ["passed", "failed", "skipped"] as const) total[key] += counts[key];
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

async function style(): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [command, ...args] of [
    ["biome", "check", "--error-on-warnings", "."],
    ["tsc", "--noEmit", "-p", "test"],
  ] as [string, ...string[]][]) {
    const done = await execa(command, args, { cwd: root, preferLocal: true, stdio: "inherit", reject: false });
    if (done.exitCode === 0) counts.passed++;
    else counts.failed++;
  }
  return counts;
}

async function jest(tier: string): Promise<Counts> {
  const hindrance = tier === "namespaces" ? await whyNoOwnNetwork() : undefined;
  if (hindrance) {
    console.log(`${tier}: skipped: ${hindrance}`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  if (tier === "lab") await ensurePrograms("the shop in a browser", BROWSER);
  const folder = await mkdtemp(join(tmpdir(), "lvs-test-"));
  const report = join(folder, "report.json");
  try {
    const options = [
      "--json",
      "--outputFile",
      report,
      "--passWithNoTests=false",
      "--reporters",
      join(root, "test", "progress.cjs"),
    ];
    const { command, args, env } = started(tier, ["--selectProjects", tier, ...options]);
    const done = await execa(command, args, {
      ...{ cwd: root, env, preferLocal: true, reject: false },
      ...{ stdin: "ignore", stdout: "ignore", stderr: "inherit" },
    });
    const result = JSON.parse(await readFile(report, "utf8").catch(() => "null")) as JestReport | null;
    if (!result) return { passed: 0, failed: 1, skipped: 0 };
    // A file that does not even load has no failed test of its own; an exit that nothing explains is a failure too.
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    return {
      passed: result.numPassedTests,
      failed: failed === 0 && done.exitCode !== 0 ? 1 : failed,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tests of hosts sleep most of the time, until a host undoes something by itself: two at a time, however few the cores. */
function started(tier: string, args: readonly string[]): Started {
  if (tier === "namespaces") return inOwnNetwork("jest", [...args, "--maxWorkers=2"]);
  // Of two cores jest would leave one alone.
  const workers = tier === "units" ? ["--maxWorkers=100%"] : [];
  return { command: "jest", args: [...args, ...workers], env: {} };
}

interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
}
