import { isDrained } from "../../ipvs/maintenance";
import type { OperatorNote } from "../../model";
import type { Director } from "./director";
import type { DirectorView } from "./director-view";
import type { Directors } from "./directors";

/**
 * Gives directors that were down what they have missed of operators' drains and returns. Those that are down now get it later.
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

interface Owed {
  readonly address: string;
  /** The names of the directors on which the server is still drained. */
  readonly late: readonly string[];
  /** Why the server is out; undefined where it was brought back. */
  readonly note: OperatorNote | undefined;
}

/** What directors that are reached have missed. Of two that say so of one server, the one that said it last counts. */
function owed(views: readonly DirectorView[]): Owed[] {
  const all = views
    .flatMap((view) => view.missed.map((one) => ({ ...one, view })))
    .filter(({ directors }) => views.some(({ host }) => directors.includes(host)))
    .sort((one, other) => (one.since < other.since ? -1 : 1));
  return [...new Map(all.map((one) => [one.address, one])).values()].map(({ address, directors, view }) => {
    const drainOf = ({ out }: DirectorView) => out.find((one) => one.address === address && isDrained(one));
    const late = views.filter((one) => directors.includes(one.host) && drainOf(one)).map(({ host }) => host);
    return { address, late, note: drainOf(view)?.note as OperatorNote | undefined };
  });
}
