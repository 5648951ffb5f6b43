import { HostError } from "../../host/errors";
import type { Runs } from "./application-server";
import { assigned, drainedOf } from "./assignment";
import { nextBatch, type Situation } from "./batch";
import { catchUp } from "./catch-up";
import { directorsOf, ofOperator, type Reach } from "./director";
import { capacities, type DirectorView } from "./director-view";
import { Directors } from "./directors";
import { Exchange } from "./exchange";
import { Failures, noRoom, whyOut } from "./failures";
import { drainedOn, outOf } from "./holding";
import type { RolloutInputs, RolloutServer } from "./inputs";
import { othersServe } from "./others-serve";
import { Progress } from "./progress";
import { ServerSwitch, short } from "./server-switch";

/** One rollout of a release over the servers of a site. */
export class ReleaseRollout {
  readonly #want: RolloutInputs;
  readonly #reach: Reach;
  readonly #directors: Directors;
  readonly #switch: ServerSwitch;
  readonly #say: (words: string) => void;
  readonly #failures: Failures;
  /** Servers that have come back into the tables. */
  readonly #back = new Set<RolloutServer>();
  /** Drained servers that did not get the release. They get it later. */
  readonly #passed = new Set<RolloutServer>();
  #progress: Progress | undefined;
  #exchange: Exchange | undefined;

  constructor(want: RolloutInputs, reach: Reach) {
    this.#want = want;
    this.#reach = reach;
    this.#failures = new Failures(want);
    this.#say = (words) => console.log(`${want.site}: ${words}`);
    this.#directors = new Directors(directorsOf(want), { site: want.site }, want, reach, this.#say);
    this.#switch = new ServerSwitch(want, reach, this.#say);
  }

  /** What runs, by server. */
  async look(): Promise<ReadonlyMap<string, Runs>> {
    const running = this.#reached(await this.#looks(), []);
    return new Map([...running].map(([{ host }, runs]) => [host.name, runs]));
  }

  async #looks(): Promise<ReadonlyMap<RolloutServer, Runs | Error>> {
    const looks = this.#want.servers.map(
      async (server) => [server, await this.#switch.look(server).catch((error: Error) => error)] as const,
    );
    return new Map(await Promise.all(looks));
  }

  /** What runs on the servers that were reached. One that an operator has drained may be down, as long as another one is not. */
  #reached(looks: ReadonlyMap<RolloutServer, Runs | Error>, drained: readonly RolloutServer[]) {
    const running = new Map<RolloutServer, Runs>();
    for (const [server, seen] of looks) {
      if (!(seen instanceof Error)) running.set(server, seen);
      else if (!(seen instanceof HostError) || !drained.includes(server) || this.#areAll(drained)) throw seen;
      else this.#pass(server, seen);
    }
    return running;
  }

  /**
   * Switches every server to the release that does not run it yet. The servers that are in no director's table are switched at
   * the same time, the others in batches. A server that an operator has drained is switched and stays out. A server on which the
   * release fails goes back to its former release. The rollout ends when more servers have failed than may fail.
   *
   * @returns whether every director and every drained server was reached; one that was not has to get later what it has missed
   */
  async go(): Promise<boolean> {
    const looks = await this.#looks();
    const views = await this.#caughtUp();
    const drained = drainedOf(this.#want, views);
    const running = this.#reached(looks, drained);
    const { behind, left, first, aside, queue, served } = assigned(this.#want, views, running);
    for (const server of drained) this.#say(`${server.host.name} stays out of the table: ${whyOut(views, server)}`);
    const count = first.length + aside.length + queue.length;
    if (count === 0) return this.#isComplete;
    if ([...running.values()].some(({ current }) => current !== this.#want.release))
      await this.#prepare([...running.keys()].filter((server) => !drained.includes(server) || this.#areAll(drained)));

    const progress = new Progress(count, this.#say);
    this.#progress = progress;
    this.#exchange = new Exchange(this.#want, this.#switch, this.#directors, progress, left);
    try {
      await Promise.all([
        this.#onEach(first, (server) => this.#switchOnly(server)),
        this.#aside(aside, behind, this.#areAll(drained)),
      ]);
      if (this.#failures.tooMany) throw this.#failures.stopped(queue);
      await this.#inBatches(queue, behind, (this.#want.canary || 0) - served);
    } finally {
      progress.end();
    }
    if (this.#failures.any) throw this.#failures.stopped([]);
    return this.#isComplete;
  }

  /** What the directors show. One that was down learns of drains first: the rollout leaves those servers out. */
  async #caughtUp(): Promise<DirectorView[]> {
    const { drain, onDirectorDown } = this.#want;
    const views = [...(await this.#directors.views()).values()];
    const how = { drain: { ...drain, onTimeout: "cut" }, onDirectorDown } as const;
    const hasMissed = await catchUp(
      ofOperator(directorsOf(this.#want)),
      views,
      (some) => new Directors(some, "operator", how, this.#reach, this.#say),
    );
    return hasMissed ? [...(await this.#directors.views()).values()] : views;
  }

  get #isComplete(): boolean {
    return this.#directors.missed.size === 0 && this.#passed.size === 0;
  }

  #areAll(servers: readonly RolloutServer[]): boolean {
    return servers.length === this.#want.servers.length;
  }

  #pass(server: RolloutServer, { message }: Error): void {
    this.#passed.add(server);
    this.#progress?.failed(server.host.name);
    this.#say(`${server.host.name} is drained, and gets release ${short(this.#want.release)} later: ${message}`);
  }

  /** Puts the servers back into the tables that an interrupted rollout has left out. */
  async end(): Promise<void> {
    await this.#directors.forget(this.#want.servers.map(({ address }) => address));
  }

  /** @param canaries how many servers go first, and must not fail */
  async #inBatches(queue: readonly RolloutServer[], behind: readonly RolloutServer[], canaries: number): Promise<void> {
    const { batch: size = 1, alone, servers } = this.#want;
    for (let waiting = queue, first = canaries; waiting.length > 0; ) {
      const views = await this.#allBack();
      const drained = waiting.filter(({ address }) => drainedOn(views, address));
      waiting = waiting.filter((server) => !drained.includes(server));
      await this.#aside(drained, behind);
      if (waiting.length === 0) return;
      const out = outOf(
        views,
        servers.map(({ address }) => address),
      );
      const situation = { out, capacities: views.flatMap(capacities), spare: alone === "refuse" };
      const batch = nextBatch(first > 0 ? waiting.slice(0, first) : waiting, size, situation);
      if (batch.length === 0) throw this.#failures.any ? this.#failures.stopped(waiting) : noRoom(out, views, waiting);
      waiting = waiting.filter((server) => !batch.includes(server));
      const failed = await this.#exchanged(batch, behind, situation, views);
      if (failed && (first > 0 || this.#failures.tooMany)) throw this.#failures.stopped(waiting);
      first -= batch.length;
    }
  }

  /** What the directors show. What has come back comes back as well where the director was down then, before others leave. */
  async #allBack(): Promise<DirectorView[]> {
    const views = [...(await this.#directors.views()).values()];
    const late = [...this.#back].filter(({ address }) => outOf(views, [address]).size > 0);
    for (const { address, host } of late) await this.#directors.putBack(address, host.name);
    return late.length > 0 ? [...(await this.#directors.views()).values()] : views;
  }

  /** Exchanges the servers of a batch at the same time. Returns whether one of them failed; the others were finished. */
  async #exchanged(
    batch: readonly RolloutServer[],
    behind: readonly RolloutServer[],
    situation: Situation,
    views: readonly DirectorView[],
  ): Promise<boolean> {
    const exchange = this.#exchange as Exchange;
    const leaving = batch.filter((server) => behind.includes(server));
    const fresh = leaving.filter(({ address }) => !situation.out.has(address));
    if (fresh.length > 0 && this.#want.alone === "refuse")
      await othersServe(fresh, this.#want.servers, this.#directors, this.#switch, views);
    const before = leaving.length > 0 ? await exchange.leave(leaving, situation) : new Map();
    return this.#onEach(batch, async (server) => {
      if (leaving.includes(server)) await exchange.switched(server, before);
      await exchange.comesBack(server);
      this.#back.add(server);
    });
  }

  /**
   * Exchanges servers that an operator has drained, without a place in a batch. They stay out. What fails there stops nobody,
   * unless there is nobody else: the operator works on them.
   */
  async #aside(drained: readonly RolloutServer[], behind: readonly RolloutServer[], areAll = false): Promise<void> {
    const exchange = this.#exchange as Exchange;
    const work = async (server: RolloutServer) => {
      const { prepare, prepareOn } = this.#want;
      if (!behind.includes(server)) return exchange.comesBack(server);
      // The operator may bring it back meanwhile. It then comes back when it is done.
      const before = await this.#directors.leave([server.address]);
      if (prepare && prepareOn === "each" && !areAll) await this.#switch.prepare(server.host, prepare);
      await exchange.switched(server, before);
      await exchange.comesBack(server);
    };
    if (areAll) await this.#onEach(drained, work);
    else await Promise.all(drained.map((server) => work(server).catch((error) => this.#pass(server, error))));
  }

  async #switchOnly(server: RolloutServer): Promise<void> {
    this.#progress?.waits(server.host.name, "until it is ready");
    await this.#switch.orRollBack(server);
    this.#progress?.done(server.host.name, `runs release ${short(this.#want.release)}`);
  }

  /** Works on servers at the same time, and waits for all of them. Returns whether one failed. */
  async #onEach(servers: readonly RolloutServer[], work: (server: RolloutServer) => Promise<void>): Promise<boolean> {
    const settled = await Promise.allSettled(servers.map(work));
    const failed = settled.flatMap((one, i) =>
      one.status === "rejected" ? [{ server: servers[i] as RolloutServer, error: one.reason as Error }] : [],
    );
    for (const { server } of failed) this.#progress?.failed(server.host.name);
    this.#failures.add(failed);
    return failed.length > 0;
  }

  async #prepare(servers: readonly RolloutServer[]): Promise<void> {
    const { prepare, prepareOn } = this.#want;
    if (!prepare) return;
    const where = prepareOn === "first" ? servers.slice(0, 1) : servers;
    const settled = await Promise.allSettled(where.map(({ host }) => this.#switch.prepare(host, prepare)));
    for (const one of settled) if (one.status === "rejected") throw one.reason;
  }
}
