// Which real servers are out of service at the same time.

/** How many may be out: a number of servers, or a share of what each service can carry, like "25%". */
export type Size = number | `${number}%`;

/** The weights in one service, by the real servers' addresses. */
export type Capacity = ReadonlyMap<string, number>;

/** What decides about the next batch. */
export interface Situation {
  /** The addresses of the real servers that are out already. */
  readonly out: ReadonlySet<string>;
  /** What each service can carry, on each director. */
  readonly capacities: readonly Capacity[];
  /** Somebody has to be left in each service. */
  readonly spare: boolean;
}

/**
 * The servers that are exchanged next, at the same time, in the order in which they wait. Together with those that are out
 * already they are no more than `size`. One server may go whatever its weight, if nobody is out: otherwise a server that has more
 * than the share could never be exchanged. The batch is empty if those that are out leave no room.
 */
export function nextBatch<Server extends { readonly address: string }>(
  waiting: readonly Server[],
  size: Size,
  { out, capacities, spare }: Situation,
): Server[] {
  const all = new Set(out);
  const batch: Server[] = [];
  for (const server of waiting) {
    const more = new Set([...all, server.address]);
    const isOut = out.has(server.address);
    const fits =
      isOut || all.size === 0 || (isWithin(more, size, capacities) && (!spare || leavesSome(more, capacities)));
    if (!fits || (typeof size === "number" && batch.length === size)) break;
    all.add(server.address);
    batch.push(server);
  }
  return batch;
}

function isWithin(out: ReadonlySet<string>, size: Size, capacities: readonly Capacity[]): boolean {
  if (typeof size === "number") return out.size <= size;
  return capacities.every((capacity) => 100 * weight(capacity, out) <= Number.parseInt(size, 10) * weight(capacity));
}

function leavesSome(out: ReadonlySet<string>, capacities: readonly Capacity[]): boolean {
  return capacities.every((capacity) => weight(capacity) === 0 || weight(capacity, out) < weight(capacity));
}

/** The part of each service that stays while these servers are out, in percent: that of the service where least stays. */
export function staying(out: ReadonlySet<string>, capacities: readonly Capacity[]): number {
  const shares = capacities
    .filter((capacity) => weight(capacity) > 0)
    .map((capacity) => 1 - weight(capacity, out) / weight(capacity));
  return Math.floor(100 * Math.min(1, ...shares));
}

/** The weight of these servers in a service, or of all. */
function weight(capacity: Capacity, of?: ReadonlySet<string>): number {
  return [...capacity].reduce((sum, [address, one]) => sum + (!of || of.has(address) ? one : 0), 0);
}
