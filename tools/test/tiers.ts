/** The tiers, cheapest first. */
export const TIERS = {
  style: "lint, format, shell scripts and types",
  units: "kinds, reconcile, SDK, SSH sessions, the real dynamic-provider process",
  namespaces: "hosts as network namespaces with their own sshd",
  kernel: "real Linux kernels with real IPVS, without machines",
  lab: "real VMs, real units and reboots, real `pulumi up`",
} as const;

export type Tier = keyof typeof TIERS;

const ALL = Object.keys(TIERS) as Tier[];

/** Words for several tiers. */
const WORDS: Readonly<Record<string, readonly Tier[]>> = { quick: ALL.filter((tier) => tier !== "lab") };

/** The tiers that the words of the command line name, in the order of all; no word: all of them. */
export function chosenTiers(words: readonly string[]): Tier[] {
  const known = [...ALL, ...Object.keys(WORDS)];
  const unknown = words.filter((word) => !known.includes(word));
  if (unknown.length > 0) throw new Error(`test: no tier ${unknown.join(", ")}; there are ${known.join(", ")}`);
  if (words.length === 0) return ALL;
  return ALL.filter((tier) => words.some((word) => word === tier || WORDS[word]?.includes(tier)));
}

/** What can be said after `npm test`, a line each. */
export function tiersHelp(): string {
  const lines = [
    ...Object.entries(TIERS),
    ...Object.entries(WORDS).map(([word, tiers]) => [word, `${tiers.join(", ")}: what to run all the time`] as const),
  ];
  return ["Tiers:", ...lines.map(([word, what]) => `  ${word.padEnd(12)}${what}`)].join("\n");
}
