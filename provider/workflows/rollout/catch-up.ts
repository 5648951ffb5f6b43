import { isDrained, type Maintenance } from "../../ipvs/maintenance";
import type { OperatorNote } from "../../model";
import type { Director } from "./director";
import { type DirectorView, getsNewClients } from "./director-view";
import type { Directors } from "./directors";

/**
 * Gives directors that were down what they have missed of operators' drains and returns, and those that are new the drains. Those
 * that are down now get it later.
 *
 * @param views what the directors that are reached have shown
 * @param asOperator works on some of the directors in the name of an operator
 * @param except the address of a real server of which it is about to be said anew
 * @returns whether a director has missed something
 */
export async function catchUp(
  all: readonly Director[],
  views: readonly DirectorView[],
  asOperator: (directors: readonly Director[]) => Directors,
  except?: string,
): Promise<boolean> {
  const due = owed(views).filter(({ address }) => address !== except);
  const everywhere = asOperator(all);
  for (const { address, late, note } of due) {
    if (note) await everywhere.connectionsEnd(address, await everywhere.leave([address], note));
    // Elsewhere somebody else may have the server out: a rollout.
    else if (late.length > 0) await asOperator(all.filter(({ host }) => late.includes(host.name))).putBack(address);
    await everywhere.owe(address);
  }
  return due.length > 0;
}

export interface Owed {
  readonly address: string;
  /** The names of the directors that do not know it. */
  readonly late: readonly string[];
  /** Why the server is out; undefined where it was brought back. */
  readonly note: OperatorNote | undefined;
}

/** What directors that are reached do not know of operators' drains and returns. */
export function owed(views: readonly DirectorView[]): Owed[] {
  const noted = missed(views);
  const drained = new Set(views.flatMap(({ out }) => out.filter(isDrained)).map(({ address }) => address));
  // Where something is written down, that says which of the directors know the last word.
  const others = [...drained].filter((address) => noted.every((one) => one.address !== address));
  return [...noted, ...others.flatMap((address) => newcomers(views, address))];
}

/** Directors that send clients to a drained server, without anything being written down: they were not there yet. */
function newcomers(views: readonly DirectorView[], address: string): Owed[] {
  const late = views.filter((view) => !drainOf(view, address) && getsNewClients(view, address));
  const [note] = views.flatMap((view) => drainOf(view, address)?.note ?? []);
  return late.length > 0 ? [{ address, late: late.map(({ host }) => host), note: note as OperatorNote }] : [];
}

/** What is written down for directors that are reached now. Of two that say so of one server, the one that said it last counts. */
function missed(views: readonly DirectorView[]): Owed[] {
  const all = views
    .flatMap((view) => view.missed.map((one) => ({ ...one, view })))
    .filter(({ directors }) => views.some(({ host }) => directors.includes(host)))
    .sort((one, other) => (one.since < other.since ? -1 : 1));
  return [...new Map(all.map((one) => [one.address, one])).values()].map(({ address, directors, returned, view }) => {
    const note = returned ? undefined : (drainOf(view, address)?.note as OperatorNote | undefined);
    const late = views.filter((one) => directors.includes(one.host) && (note || drainOf(one, address)));
    return { address, late: late.map(({ host }) => host), note };
  });
}

function drainOf({ out }: DirectorView, address: string): Maintenance | undefined {
  return out.find((one) => one.address === address && isDrained(one));
}
