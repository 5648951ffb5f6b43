import type { HostError } from "../../host/errors";
import { isDrained, type Maintenance } from "../../ipvs/maintenance";
import { noteMissed } from "../../ipvs/maintenance-missed";
import type { OperatorNote } from "../../model";
import { waitFor } from "../../reconcile/steps";
import type { Director, Reach } from "./director";
import { leaveTable, run, tellChecker, untilConnectionsEnd } from "./director-table";
import type { DirectorView } from "./director-view";
import { type By, heldBy } from "./holding";
import type { RolloutInputs } from "./inputs";
import { KeptOut } from "./kept-out";
import { type OnDirectorDown, ReachedDirectors, type Views } from "./reached-directors";
import { broughtBack, Returns } from "./returns";

/** How directors are worked on. */
export interface How extends Pick<RolloutInputs, "drain"> {
  readonly onDirectorDown?: OnDirectorDown | undefined;
}

/**
 * The directors of a site. Weights change on all of them. Connections are counted where the VIP is: a standby keeps copies of
 * connections that have ended already, for 15 minutes (connection synchronization). A director that is down is named and left
 * out, as long as another one has its VIPs.
 */
export class Directors {
  readonly #returns = new Map<Director, Returns>();
  readonly #reached: ReachedDirectors;
  readonly #keptOut: KeptOut;

  /** @param by whose records of maintenance these are */
  constructor(
    directors: readonly Director[],
    private readonly by: By,
    private readonly how: How,
    reach: Reach,
    say: (words: string) => void,
  ) {
    this.#reached = new ReachedDirectors(directors, how.onDirectorDown, reach, say);
    const isBack = (director: Director) => this.#reached.isBack(director);
    this.#keptOut = new KeptOut(directors, { by, reach, say, isBack });
  }

  /** Why directors were not reached, by their names. They have to get what they have missed. */
  get missed(): ReadonlyMap<string, HostError> {
    return this.#reached.missed;
  }

  /** Looks at all directors. Those that were down get another chance. */
  async views(): Promise<Views> {
    this.#reached.giveAnotherChance();
    return this.#reached.each(async (_, view) => view);
  }

  /** Real servers get no new clients any more. Returns what the directors showed before. */
  async leave(addresses: readonly string[], note?: OperatorNote): Promise<Views> {
    return this.#reached.each(async (session, view) => {
      await run(session, leaveTable(view, addresses, this.by, note));
      return view;
    });
  }

  /**
   * Waits until the connections of a real server have ended, on the directors that have the VIP. If the VIP moves meanwhile, its
   * connections go on at another director, and are waited for there.
   *
   * @param before what `leave` has returned
   */
  async connectionsEnd(address: string, before: Views): Promise<void> {
    const left = new Map(before);
    const waited = new Set<Director>();
    for (let next = counting(before); next.length > 0; ) {
      await this.#reached.each(async (session, view, director) => {
        if (!next.includes(director)) return;
        // It was down when the server left.
        if (!left.has(director)) await run(session, leaveTable(view, [address], this.by));
        left.set(director, left.get(director) ?? view);
        await waitFor(session, untilConnectionsEnd(left.get(director) as DirectorView, address, this.how.drain));
      });
      for (const director of next) waited.add(director);
      const all = this.#reached.all.length === waited.size;
      next = all ? [] : counting(await this.#reached.each(async (_, view) => view)).filter((one) => !waited.has(one));
    }
    if (![...left.values()].some(({ checkers }) => checkers.length > 0)) return;
    await this.#reached.each(async (session, view, director) =>
      run(session, tellChecker(left.get(director) ?? view, address)),
    );
  }

  /** Works on a real server that has left, and whose connections have ended. No director sends clients there meanwhile. */
  keepingOut<T>(address: string, work: () => Promise<T>): Promise<T> {
    return this.#keptOut.during(address, work);
  }

  /**
   * Puts a real server back into the tables.
   *
   * @returns who else has taken the server out, by director: there it stays out
   */
  async putBack(address: string, name = address): Promise<ReadonlyMap<Director, readonly Maintenance[]>> {
    return this.#reached.looking((session, director) => this.#returnsOn(director).back(session, { address, name }));
  }

  #returnsOn(director: Director): Returns {
    const returns = this.#returns.get(director) ?? new Returns(director.scope, this.by);
    this.#returns.set(director, returns);
    return returns;
  }

  /** Puts back what an interrupted rollout has left out, whether clients are sent there or not. */
  async forget(addresses: readonly string[]): Promise<void> {
    await this.#reached.each(async (session, view, { scope }) => {
      const mine = addresses.filter((address) => heldBy(this.by, view, address).mine.length > 0);
      if (mine.length > 0) await broughtBack(session, scope, this.by, mine);
    });
  }

  /**
   * Writes down that a drained real server comes back, before it does on the first of several directors. Otherwise those where it is
   * back would look like new ones if the run is interrupted, or seen by another one meanwhile: they would get the drain again.
   */
  async announceReturn(address: string): Promise<void> {
    const directors = this.#reached.all.map(({ host }) => host.name);
    if (directors.length < 2) return;
    const since = new Date().toISOString();
    const note = noteMissed({ address, directors, since, returned: true });
    await this.#reached.each(async (session, { out }) => {
      if (out.some((one) => one.address === address && isDrained(one)))
        await run(session, [{ run: note, purpose: `noting that ${address} comes back` }]);
    });
  }

  /** Writes down on the directors that are reached which ones have missed what an operator has done with a real server. */
  async owe(address: string): Promise<void> {
    const since = new Date().toISOString();
    await this.#reached.each(async (session, { missed }) => {
      const before = missed.find((one) => one.address === address)?.directors ?? [];
      const still = before.filter((name) => !this.#reached.isReached(name));
      const directors = [...new Set([...still, ...this.#reached.missed.keys()])];
      if (directors.length + before.length === 0) return;
      const purpose = `noting which directors know of ${address}`;
      await run(session, [{ run: noteMissed({ address, directors, since }), purpose }]);
    });
  }
}

/** The directors that connections are waited for on: those that have a VIP. Where nobody has one, packets are routed to any. */
function counting(views: Views): Director[] {
  const all = [...views.keys()];
  const holders = all.filter((director) => views.get(director)?.holds.length);
  return all.length === 1 || holders.length === 0 ? all : holders;
}
