import { existsSync } from "node:fs";
import { relative } from "node:path";

/** The tiers, cheapest first. `npm test -- --help` has them from tools/commands.mjs. */
export const TIERS = {
  style: "lint, format, shell scripts and types",
  units: "kinds, reconcile, SDK, SSH sessions, the real dynamic-provider process",
  namespaces: "hosts as network namespaces with their own sshd",
  kernel: "real Linux kernels with real IPVS, without machines",
  engine: "`pulumi` and its own engine, on hosts without machines: replace, rename, move, interrupt",
  lab: "real VMs, real units and reboots, real `pulumi up`",
} as const;

export type Tier = keyof typeof TIERS;

const ALL = Object.keys(TIERS) as Tier[];

/** Words for several tiers. */
const WORDS: Readonly<Record<string, readonly Tier[]>> = {
  quick: ALL.filter((tier) => tier !== "engine" && tier !== "lab"),
};

/** Returns the tiers that the words of the command line name, in the order of `TIERS`. No word means all tiers. */
export function chosenTiers(words: readonly string[]): Tier[] {
  const known = [...ALL, ...Object.keys(WORDS)];
  const unknown = words.filter((word) => !known.includes(word));
  if (unknown.length > 0) throw new Error(`test: no tier ${unknown.join(", ")}; there are ${known.join(", ")}`);
  if (words.length === 0) return ALL;
  return ALL.filter((tier) => words.some((word) => word === tier || WORDS[word]?.includes(tier)));
}

/** What one run covers: tiers, or files of tests and the tiers that they belong to. */
export interface Chosen {
  readonly tiers: readonly Tier[];
  /** Those of which the long files run, too. A word for several tiers leaves them out. */
  readonly whole: readonly Tier[];
  /** Paths in the checkout; empty means every file of the tiers. */
  readonly files: readonly string[];
}

/** Reads the words of the command line: tiers or files. npm runs in the folder of the checkout. */
export function chosen(words: readonly string[]): Chosen {
  if (!words.some(isFile)) {
    const whole = words.length === 0 ? ALL : ALL.filter((tier) => words.includes(tier));
    return { tiers: chosenTiers(words), whole, files: [] };
  }
  const tier = words.find((word) => !isFile(word));
  if (tier !== undefined) throw new Error(`test: files go without tiers: leave out "${tier}", or the files`);
  const files = words.map((word) => relative("", word));
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Error(`test: no file ${missing.join(", ")}`);
  return { tiers: ALL.filter((one) => files.some((file) => tierOf(file) === one)), whole: ALL, files };
}

function isFile(word: string): boolean {
  return word.endsWith(".test.ts");
}

/**
 * Returns the tier of a file. Each tier that needs a machine has a folder. Every other file of tests belongs to the
 * tier units.
 */
export function tierOf(file: string): Tier {
  return ALL.find((tier) => file.startsWith(`test/${tier}/`)) ?? "units";
}
