/** Whole numbers from `least` to `most`. */
export interface Range {
  /** What is counted: "a port". */
  readonly what: string;
  readonly least: number;
  readonly most: number;
}

export const PORT: Range = { what: "a port", least: 1, most: 65535 };

/** A destination's share of new connections. A destination of weight 0 gets none. */
export const WEIGHT: Range = { what: "a weight", least: 0, most: 65535 };

/** A packet's mark (nft(8), `meta mark`). Unmarked packets have 0. */
export const MARK: Range = { what: "a mark", least: 1, most: 4294967295 };

/** A bound for a destination's connections, up to the largest that ipvsadm takes. 0 means no bound. */
export const THRESHOLD: Range = { what: "a threshold", least: 0, most: 2147483647 };

/** Seconds for which a client stays with its destination (ipvsadm(8), `--persistent`). */
export const PERSISTENCE: Range = { what: "a time from 1 s to 31 days", least: 1, most: 2678400 };

/** Why a number is none of these, for who says the number elsewhere. */
export const NO_PERSISTENCE = "is no time from 1 s to 31 days: give whole seconds, 1 to 2678400";
export const NO_WEIGHT = "is not a weight: give a whole number from 0 to 65535";

/** Tells the pairs of directors on one network apart (keepalived.conf(5), `virtual_router_id`). */
export const ROUTER_ID: Range = { what: "a virtual router's id", least: 1, most: 255 };

/** Tells the connection syncs on one network apart (ipvsadm(8), `--syncid`). A backup of 0 would take everybody's. */
export const SYNC_ID: Range = { what: "a sync id", least: 1, most: 255 };

export function isWithin(value: unknown, { least, most }: Pick<Range, "least" | "most">): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** Why a declared value is not in this range; undefined if the value is in the range. */
export function whyNot(value: unknown, range: Range): string | undefined {
  const { what, least, most } = range;
  return isWithin(value, range)
    ? undefined
    : `${JSON.stringify(value)} is not ${what}: give a whole number from ${least} to ${most}${typeof value === "string" ? ", without quotes" : ""}`;
}
