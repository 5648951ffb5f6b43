import { distinct, isDrained, type Maintenance, type Place, placeName } from "../../ipvs/maintenance";
import { type DirectorView, getsNewClients, placesOf } from "./director-view";

// Who has taken a real server out of a director's table, and who brings it back.

/** Who takes real servers out: the rollout of a site, or an operator. */
export type By = { readonly site: string } | "operator";

/** What is recorded of one real server. */
export interface Held {
  /** What goes when the server is brought back by this one. */
  readonly mine: readonly Maintenance[];
  readonly others: readonly Maintenance[];
}

/**
 * The records of a real server. A rollout has one of its own, and goes on with the part of a record of an earlier version that
 * is of its services. An operator ends the own drain first; without one, whatever has left the server out.
 */
export function heldBy(by: By, { out, isOwn }: DirectorView, address: string): Held {
  const records = out.filter((one) => one.address === address);
  if (by === "operator") {
    const own = records.filter(isDrained);
    return own.length > 0 ? { mine: own, others: without(records, own) } : { mine: records, others: [] };
  }
  const mine = records.filter(({ site }) => site === by.site);
  const earlier = records.filter((one) => one.site === undefined && !isDrained(one));
  const part = (isMine: boolean) =>
    earlier
      .map((one) => ({ ...one, places: one.places.filter(({ match }) => isOwn(match) === isMine) }))
      .filter(({ places }) => places.length > 0);
  return { mine: [...mine, ...part(true)], others: [...without(records, [...mine, ...earlier]), ...part(false)] };
}

function without<T>(all: readonly T[], some: readonly T[]): T[] {
  return all.filter((one) => !some.includes(one));
}

/**
 * The places that get their weights back when the server is brought back: those that nobody else holds. A health checker knows one
 * maintenance of a server, for all of its services.
 */
export function comingBack({ mine, others }: Held, { checkers }: DirectorView): Place[] {
  const held = new Set(others.flatMap(({ places }) => places).map(placeName));
  const places = distinct(mine.flatMap((one) => one.places));
  return places.filter((place) => !held.has(placeName(place)) && !(checkers.length > 0 && others.length > 0));
}

/** The drain of an operator who has taken the server out of all tables; undefined where it may still have clients. */
export function drainedOn(views: readonly DirectorView[], address: string): Maintenance | undefined {
  const drainOf = ({ out }: DirectorView) => out.find((one) => one.address === address && isDrained(one));
  const serves = (view: DirectorView) =>
    drainOf(view) ? getsNewClients(view, address) : placesOf(view, address).length > 0;
  return views.some(serves) ? undefined : views.map(drainOf).find((one) => one !== undefined);
}

/** The real servers that rollouts have taken out of these services. Drained ones do not count. */
export function outOf(views: readonly DirectorView[], addresses: readonly string[]): Set<string> {
  const isOut = ({ out, isOwn }: DirectorView, of: string) =>
    out.some((one) => one.address === of && !isDrained(one) && one.places.some(({ match }) => isOwn(match)));
  return new Set(addresses.filter((one) => !drainedOn(views, one) && views.some((view) => isOut(view, one))));
}

/** Who keeps a server out of these services. */
export function keptOutBy({ others }: Held, { checkers, isOwn }: DirectorView): Maintenance[] {
  return others.filter((one) => checkers.length > 0 || isDrained(one) || one.places.some(({ match }) => isOwn(match)));
}
