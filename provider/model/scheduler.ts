/** The schedulers that ipvsadm(8) names. */
export const schedulers = [
  "rr",
  "wrr",
  "lc",
  "wlc",
  "lblc",
  "lblcr",
  "dh",
  "sh",
  "sed",
  "nq",
  "fo",
  "ovf",
  "mh",
  "twos",
] as const;

/** How the director chooses among real servers (ipvsadm(8), `--scheduler`). */
export type Scheduler = (typeof schedulers)[number];

/** The flags of schedulers. Those of sh and mh have names; the others have numbers (ipvsadm(8), `--sched-flags`). */
export const schedulerFlags = [
  "sh-fallback",
  "sh-port",
  "mh-fallback",
  "mh-port",
  "flag-1",
  "flag-2",
  "flag-3",
] as const;

/** Why a scheduler cannot have a flag; undefined if the scheduler can. */
export function whyNoFlag(scheduler: string, flag: string): string | undefined {
  if (!(schedulerFlags as readonly string[]).includes(flag))
    return `"${flag}" is not a flag of a scheduler (ipvsadm(8), --sched-flags): choose from ${schedulerFlags.join(", ")}`;
  const [owner] = flag.split("-");
  if (owner !== "flag")
    return owner === scheduler ? undefined : `${flag} fits the scheduler ${owner} alone: leave it out`;
  // ipvsadm does not print the flags of these schedulers by number. A flag by number would never equal what is read back.
  return scheduler === "sh" || scheduler === "mh"
    ? `the flags of ${scheduler} are ${scheduler}-fallback and ${scheduler}-port`
    : undefined;
}

/** Each flag once, in alphabetical order. */
export function normalFlags<Flag extends string>(flags: readonly Flag[]): Flag[] {
  return [...new Set(flags)].sort();
}
