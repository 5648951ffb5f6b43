import type { Session } from "../../host/command";
import { type HostError, isDown, LvsError } from "../../host/errors";
import { poll } from "../../host/poll";
import type { Director, Reach } from "./director";
import { type DirectorView, lookAtDirector } from "./director-view";
import type { RolloutInputs } from "./inputs";
import { SharedLooks } from "./shared-looks";

/**
 * What happens where a director is down. `tell`: it is named and left out, whether another one has its VIPs or not. The others:
 * see `RolloutInputs`.
 */
export type OnDirectorDown = RolloutInputs["onDirectorDown"] | "tell";

/** What the directors showed, as far as they were reached. */
export type Views = ReadonlyMap<Director, DirectorView>;

/** Seconds until another director has taken over the VIP of one that is down. */
const TAKEOVER = 10;

/** The directors of a site. One that is down is named and left out, as long as another one has its VIPs. */
export class ReachedDirectors {
  /** Why a director was not reached, by its name. It has missed something of this rollout. */
  readonly #missed = new Map<string, HostError>();
  /** Directors that were not reached since the last chance. */
  #down = new Set<Director>();
  readonly #looks = new Map<Director, SharedLooks>();
  /** It was waited for a takeover already, and nobody had the VIP. */
  #toldOfNobody = false;

  constructor(
    readonly all: readonly Director[],
    private readonly onDown: OnDirectorDown | undefined,
    private readonly reach: Reach,
    private readonly say: (words: string) => void,
  ) {}

  get missed(): ReadonlyMap<string, HostError> {
    return this.#missed;
  }

  /** Those that were down are tried again. */
  giveAnotherChance(): void {
    this.#down = new Set();
  }

  /** One that was down is reached again. */
  isBack(director: Director): void {
    this.#down.delete(director);
  }

  isReached(name: string): boolean {
    return this.all.some((one) => one.host.name === name && !this.#down.has(one));
  }

  /** Works on all directors that are reached, at the same time. What they are looked at for, they are looked at for all who ask. */
  each<T>(
    work: (session: Session, view: DirectorView, director: Director) => Promise<T>,
  ): Promise<ReadonlyMap<Director, T>> {
    return this.looking(async (session, director) => {
      const view = await lookAtDirector(session, director.scope);
      return { view, answer: await work(session, view, director) };
    });
  }

  /**
   * The same, where the work itself looks.
   *
   * @param work returns what the director showed, too
   */
  async looking<T>(
    work: (session: Session, director: Director) => Promise<{ view: DirectorView; answer: T }>,
  ): Promise<ReadonlyMap<Director, T>> {
    const answers = new Map<Director, T>();
    const views = new Map<Director, DirectorView>();
    const one = (director: Director) =>
      this.#at(director, async (session) => {
        const { view, answer } = await work(session, director);
        views.set(director, view);
        answers.set(director, answer);
        this.#down.delete(director);
      });
    await this.#tried(
      this.all.filter((director) => !this.#down.has(director)),
      one,
    );
    if (this.#isHeld(views)) return answers;
    // Those that are down get another chance with the next views.
    if (this.#toldOfNobody && answers.size > 0) return answers;
    // The VIP is on its way to another director, or one that was down has it again.
    const again = async () => {
      await this.#tried([...this.#down], one);
      const reached = [...views.keys()].filter((director) => !this.#down.has(director));
      await this.#tried(reached, (director) =>
        this.#at(director, async (session) => {
          views.set(director, await lookAtDirector(session, director.scope));
        }),
      );
      return this.#isHeld(views);
    };
    if (await poll(again, Boolean, { within: TAKEOVER, every: 2 })) return answers;
    if (this.onDown !== "tell") throw this.#nobodyHolds();
    if (answers.size === 0) throw [...this.#missed.values()][0];
    this.say(this.#nobodyHolds().message.split("\n")[0] as string);
    this.#toldOfNobody = true;
    return answers;
  }

  #at(director: Director, work: (session: Session) => Promise<void>): Promise<void> {
    const looks = this.#looks.get(director) ?? new SharedLooks();
    this.#looks.set(director, looks);
    return this.reach(director.host, (session) => work(looks.of(session)));
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
    if (!isDown(reason) || this.onDown === "fail") return false;
    return this.onDown === "tell" || scope.vips.every((vip) => this.#of(vip).length > 1);
  }

  #of(vip: string): Director[] {
    return this.all.filter(({ scope }) => scope.vips.includes(vip));
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
    if (this.#down.size > 0 && this.#down.size === this.all.length) return false;
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
