import type { Session } from "../../host/command";
import { type HostError, isDown, LvsError } from "../../host/errors";
import { poll } from "../../host/poll";
import type { Maintenance } from "../../ipvs/maintenance";
import { noteMissed } from "../../ipvs/maintenance-missed";
import type { OperatorNote } from "../../model";
import { leaveTable, putBackIntoTable, run, tellChecker, untilConnectionsEnd } from "./director-table";
import {
  allServices,
  type DirectorView,
  getsNewClients,
  lookAtDirector,
  type Scope,
  servicesOf,
} from "./director-view";
import { type By, comingBack, heldBy, keptOutBy } from "./holding";
import type { RolloutInputs, RolloutServer } from "./inputs";

/** Runs some work with a session of a host. */
export type Reach = <T>(host: RolloutServer["host"], work: (session: Session) => Promise<T>) => Promise<T>;

export interface Director {
  readonly host: RolloutServer["host"];
  readonly scope: Scope;
}

/** The directors of a rollout, each with its sites. */
export function directorsOf({ directors }: Pick<RolloutInputs, "directors">): Director[] {
  const hosts = new Map(directors.map(({ host }) => [host.name, host]));
  return [...hosts.values()].map((host) => ({
    host,
    scope: servicesOf(directors.filter((one) => one.host.name === host.name)),
  }));
}

/** The same directors with all of their services, as an operator sees them. */
export function ofOperator(directors: readonly Director[]): Director[] {
  return directors.map(({ host, scope }) => ({ host, scope: allServices(scope.vips) }));
}

/** How directors are worked on. `tell`: one that is down is named and left out, whether another one has its VIPs or not. */
export interface How extends Pick<RolloutInputs, "drain"> {
  readonly onDirectorDown?: RolloutInputs["onDirectorDown"] | "tell";
}

/** What the directors showed, as far as they were reached. */
export type Views = ReadonlyMap<Director, DirectorView>;

/** Seconds until another director has taken over the VIP of one that is down. */
const TAKEOVER = 10;

/**
 * The directors of a site. Weights change on all of them. Connections are counted where the VIP is: a standby keeps copies of
 * connections that have ended already, for 15 minutes (connection synchronization). A director that is down is named and left
 * out, as long as another one has its VIPs.
 */
export class Directors {
  /** Why a director was not reached, by its name. It has missed something of this rollout. */
  readonly #missed = new Map<string, HostError>();
  /** Directors that were not reached since the last `views`. */
  #down = new Set<Director>();
  /** It was waited for a takeover already, and nobody had the VIP. */
  #toldOfNobody = false;
  /** The last work on each director that takes turns. */
  readonly #turns = new Map<Director, Promise<unknown>>();

  readonly #directors: readonly Director[];

  /** @param by whose records of maintenance these are */
  constructor(
    directors: readonly Director[],
    private readonly by: By,
    private readonly how: How,
    private readonly reach: Reach,
    private readonly say: (words: string) => void,
  ) {
    this.#directors = directors;
  }

  /** Why directors were not reached, by their names. They have to get what they have missed. */
  get missed(): ReadonlyMap<string, HostError> {
    return this.#missed;
  }

  /** Looks at all directors. Those that were down get another chance. */
  async views(): Promise<Views> {
    this.#down = new Set();
    return this.#onEach(async (_, view) => view);
  }

  /** Real servers get no new clients any more. Returns what the directors showed before. */
  async leave(addresses: readonly string[], note?: OperatorNote): Promise<Views> {
    return this.#onEach(async (session, view) => {
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
      await this.#onEach(async (session, view, director) => {
        if (!next.includes(director)) return;
        // It was down when the server left.
        if (!left.has(director)) await run(session, leaveTable(view, [address], this.by));
        left.set(director, left.get(director) ?? view);
        await run(session, untilConnectionsEnd(left.get(director) as DirectorView, address, this.how.drain));
      });
      for (const director of next) waited.add(director);
      const all = this.#directors.length === waited.size;
      next = all ? [] : counting(await this.#onEach(async (_, view) => view)).filter((one) => !waited.has(one));
    }
    if (![...left.values()].some(({ checkers }) => checkers.length > 0)) return;
    await this.#onEach(async (session, view, director) =>
      run(session, tellChecker(left.get(director) ?? view, address)),
    );
  }

  /**
   * Puts a real server back into the tables. Servers of one batch come back one after the other on each director.
   *
   * @returns who else has taken the server out, by director: there it stays out
   */
  async putBack(address: string, name = address): Promise<ReadonlyMap<Director, readonly Maintenance[]>> {
    return this.#onEach(async (session, first, director) => {
      const held = heldBy(this.by, first, address);
      return held.mine.length === 0
        ? keptOutBy(held, first)
        : this.#inTurn(director, () => this.#back(session, director, address, name));
    });
  }

  async #back(session: Session, director: Director, address: string, name: string): Promise<readonly Maintenance[]> {
    const { view, held } = await this.#broughtBack(session, director, address);
    const serves = comingBack(held, view).some(({ weight }) => weight > 0);
    if (serves && !getsNewClients(await lookAtDirector(session, director.scope), address))
      throw new LvsError(
        `host ${session.name}: real server ${name === address ? address : `${name} (${address})`} did not come back into the table. ` +
          "Is it fit for ldirectord's checks, or did somebody delete it there? `pulumi up --refresh` repairs what the program declares",
      );
    return keptOutBy(held, view);
  }

  /** Brings a server back as far as nobody else holds it. If somebody takes it out meanwhile, that counts. */
  async #broughtBack(session: Session, director: Director, address: string) {
    for (let tries = 3; ; tries--) {
      const view = await lookAtDirector(session, director.scope);
      try {
        await run(session, putBackIntoTable(view, address, this.by));
        return { view, held: heldBy(this.by, view, address) };
      } catch (failure) {
        const now = await lookAtDirector(session, director.scope);
        if (tries === 1 || holders(now, address) === holders(view, address)) throw failure;
      }
    }
  }

  /** Puts back what an interrupted rollout has left out, whether clients are sent there or not. */
  async forget(addresses: readonly string[]): Promise<void> {
    await this.#onEach(async (session, view, director) => {
      for (const address of addresses)
        if (heldBy(this.by, view, address).mine.length > 0) await this.#broughtBack(session, director, address);
    });
  }

  /** Writes down on the directors that are reached which ones have missed what an operator has done with a real server. */
  async owe(address: string): Promise<void> {
    const since = new Date().toISOString();
    await this.#onEach(async (session, { missed }) => {
      const before = missed.find((one) => one.address === address)?.directors ?? [];
      const isReached = (name: string) => this.#directors.some((one) => one.host.name === name && !this.#down.has(one));
      const directors = [...new Set([...before.filter((name) => !isReached(name)), ...this.#missed.keys()])];
      if (directors.length + before.length === 0) return;
      const purpose = `noting which directors know of ${address}`;
      await run(session, [{ run: noteMissed({ address, directors, since }), purpose }]);
    });
  }

  #inTurn<T>(director: Director, work: () => Promise<T>): Promise<T> {
    const mine = (this.#turns.get(director) ?? Promise.resolve()).then(work, work);
    this.#turns.set(director, mine);
    return mine;
  }

  /** Works on all directors that are reached, at the same time. */
  async #onEach<T>(
    work: (session: Session, view: DirectorView, director: Director) => Promise<T>,
  ): Promise<ReadonlyMap<Director, T>> {
    const answers = new Map<Director, T>();
    const views = new Map<Director, DirectorView>();
    const one = (director: Director) =>
      this.reach(director.host, async (session) => {
        const view = await lookAtDirector(session, director.scope);
        views.set(director, view);
        answers.set(director, await work(session, view, director));
        this.#down.delete(director);
      });
    await this.#tried(
      this.#directors.filter((director) => !this.#down.has(director)),
      one,
    );
    if (this.#isHeld(views)) return answers;
    // The VIP is on its way to another director, or one that was down has it again.
    const again = async () => {
      await this.#tried([...this.#down], one);
      const reached = [...views.keys()].filter((director) => !this.#down.has(director));
      await this.#tried(reached, (director) =>
        this.reach(director.host, async (session) => {
          views.set(director, await lookAtDirector(session, director.scope));
        }),
      );
      return this.#isHeld(views);
    };
    const within = this.#toldOfNobody ? 0 : TAKEOVER;
    if (await poll(again, Boolean, { within, every: 2 })) return answers;
    if (this.how.onDirectorDown !== "tell") throw this.#nobodyHolds();
    if (answers.size === 0) throw [...this.#missed.values()][0];
    if (!this.#toldOfNobody) this.say(this.#nobodyHolds().message.split("\n")[0] as string);
    this.#toldOfNobody = true;
    return answers;
  }

  /** Waits for the work on all of these directors, also after a failure. Throws the first failure that stops the rollout. */
  async #tried(directors: readonly Director[], work: (director: Director) => Promise<void>): Promise<void> {
    const settled = await Promise.allSettled(directors.map(work));
    const failures = settled.flatMap((each, i) =>
      each.status === "rejected" ? [{ director: directors[i] as Director, reason: each.reason as Error }] : [],
    );
    const grave = failures.find(({ director, reason }) => !this.#passes(director, reason));
    if (grave) throw grave.reason;
    for (const { director, reason } of failures) this.#miss(director, reason as HostError);
  }

  /** Whether the rollout may go on without this director. */
  #passes({ scope }: Director, reason: Error): boolean {
    if (!isDown(reason) || this.how.onDirectorDown === "fail") return false;
    return this.how.onDirectorDown === "tell" || scope.vips.every((vip) => this.#of(vip).length > 1);
  }

  #of(vip: string): Director[] {
    return this.#directors.filter(({ scope }) => scope.vips.includes(vip));
  }

  #miss(director: Director, reason: HostError): void {
    const { name } = director.host;
    if (!this.#missed.has(name))
      this.say(`director ${name} is down, and gets later what it misses now: ${reason.message}`);
    this.#down.add(director);
    this.#missed.set(name, reason);
  }

  /** Whether no director that is down may have a VIP: one that was reached has it. */
  #isHeld(views: Views): boolean {
    if (this.#down.size > 0 && this.#down.size === this.#directors.length) return false;
    const holds = (director: Director, vip: string) =>
      !this.#down.has(director) && Boolean(views.get(director)?.holds.includes(vip));
    return [...this.#down]
      .flatMap(({ scope }) => scope.vips)
      .every((vip) => this.#of(vip).some((director) => holds(director, vip)));
  }

  #nobodyHolds(): LvsError {
    const down = [...this.#down].map(({ host }) => host.name);
    const vips = [...new Set([...this.#down].flatMap(({ scope }) => scope.vips))].join(", ");
    return new LvsError(
      `none of the directors that are reached has ${vips}: ${down.join(", ")} may still send clients to the servers. ` +
        `Bring it back, or see that another director takes over\n${down.map((name) => this.#missed.get(name)?.message).join("\n")}`,
    );
  }
}

/** Who has taken a server out, as text for a comparison. */
function holders({ out }: DirectorView, address: string): string {
  return JSON.stringify(out.filter((one) => one.address === address).map(({ site, note }) => [site, note]));
}

/** The directors that connections are waited for on: those that have a VIP. Where nobody has one, packets are routed to any. */
function counting(views: Views): Director[] {
  const all = [...views.keys()];
  const holders = all.filter((director) => views.get(director)?.holds.length);
  return all.length === 1 || holders.length === 0 ? all : holders;
}
