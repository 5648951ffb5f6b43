import { LvsError } from "../../host/errors";
import type { Runs } from "./application-server";
import { nextBatch, type Situation, staying } from "./batch";
import { capacities, placesOf } from "./director-view";
import { Directors, type Reach, type Views } from "./directors";
import type { RolloutInputs, RolloutServer } from "./inputs";
import { othersServe } from "./others-serve";
import { Progress } from "./progress";
import { isFine, RolledBack, ServerSwitch, short } from "./server-switch";

export type { Reach } from "./directors";

/** A server on which the rollout failed, and why. */
interface Failure {
  readonly server: RolloutServer;
  readonly error: Error;
}

/** One rollout of a release over the servers of a site. */
export class ReleaseRollout {
  readonly #want: RolloutInputs;
  readonly #directors: Directors;
  readonly #switch: ServerSwitch;
  readonly #say: (words: string) => void;
  readonly #failures: Failure[] = [];
  #progress: Progress | undefined;

  constructor(want: RolloutInputs, reach: Reach) {
    this.#want = want;
    this.#say = (words) => console.log(`${want.site}: ${words}`);
    this.#directors = new Directors(want, reach, this.#say);
    this.#switch = new ServerSwitch(want, reach, this.#say);
  }

  /** What runs, by server. */
  async look(): Promise<ReadonlyMap<string, Runs>> {
    const looks = this.#want.servers.map(
      async (server) => [server.host.name, await this.#switch.look(server)] as const,
    );
    return new Map(await Promise.all(looks));
  }

  /**
   * Switches every server to the release that does not run it yet. The servers that are in no director's table are switched at
   * the same time, the others in batches. A server on which the release fails goes back to its former release. The rollout ends
   * when more servers have failed than may fail.
   *
   * @returns whether every director was reached; one that was not has to get later what it has missed
   */
  async go(): Promise<boolean> {
    const { servers, release } = this.#want;
    const running = await this.look();
    const runs = ({ host }: RolloutServer) => running.get(host.name) as Runs;
    const behind = servers.filter((server) => !isFine(runs(server), release));
    const views = [...(await this.#directors.views()).values()];
    const out = servers.filter(({ address }) => views.some((view) => view.out.has(address)));
    if (behind.length + out.length === 0) return !this.#directors.missed;
    if (servers.some((server) => runs(server).current !== release)) await this.#prepare();

    const serving = ({ address }: RolloutServer) =>
      views.some((view) => placesOf(view, address).length > 0 || view.out.has(address));
    // Servers that are out since an interrupted rollout come first: others can be taken out only when they are back.
    const others = behind.filter((server) => serving(server) && !out.includes(server));
    const first = behind.filter((server) => !serving(server));
    const served = servers.filter((server) => serving(server) && !behind.includes(server));
    this.#progress = new Progress(first.length + out.length + others.length, this.#say);
    try {
      await this.#onEach(first, (server) => this.#switchOnly(server));
      if (this.#failures.length > this.#allowed) throw this.#stopped([...out, ...others]);
      await this.#inBatches([...out, ...others], behind, (this.#want.canary || 0) - served.length);
    } finally {
      this.#progress.end();
    }
    if (this.#failures.length > 0) throw this.#stopped([]);
    return !this.#directors.missed;
  }

  /** Puts the servers back into the tables that an interrupted rollout has left out. */
  async end(): Promise<void> {
    await this.#directors.forget(this.#want.servers.map(({ address }) => address));
  }

  /** @param canaries how many servers go first, and must not fail */
  async #inBatches(queue: RolloutServer[], behind: readonly RolloutServer[], canaries: number): Promise<void> {
    const { batch: size = 1, alone } = this.#want;
    for (let waiting = queue, first = canaries; waiting.length > 0; ) {
      const views = await this.#directors.views();
      const situation = { ...this.#situation(views), spare: alone === "refuse" };
      const batch = nextBatch(first > 0 ? waiting.slice(0, first) : waiting, size, situation);
      if (batch.length === 0) throw this.#stopped(waiting);
      waiting = waiting.filter((server) => !batch.includes(server));
      const failed = await this.#exchange(batch, behind, situation);
      if (failed && (first > 0 || this.#failures.length > this.#allowed)) throw this.#stopped(waiting);
      first -= batch.length;
    }
  }

  /** Exchanges the servers of a batch at the same time. Returns whether one of them failed; the others were finished. */
  async #exchange(
    batch: readonly RolloutServer[],
    behind: readonly RolloutServer[],
    situation: Situation,
  ): Promise<boolean> {
    const leaving = batch.filter((server) => behind.includes(server));
    const fresh = leaving.filter(({ address }) => !situation.out.has(address));
    if (fresh.length > 0 && this.#want.alone === "refuse")
      await othersServe(fresh, this.#want.servers, this.#directors, this.#switch);
    const before = leaving.length > 0 ? await this.#leave(leaving, fresh, situation) : new Map();
    return this.#onEach(batch, async (server) => {
      if (leaving.includes(server)) await this.#switchOutOfTable(server, before, fresh.includes(server));
      await this.#directors.putBack(server);
      this.#progress?.done(server.host.name, `runs release ${short(this.#want.release)}, and is back in the table`);
    });
  }

  async #leave(
    leaving: readonly RolloutServer[],
    fresh: readonly RolloutServer[],
    { out, capacities }: Situation,
  ): Promise<Views> {
    const addresses = leaving.map(({ address }) => address);
    const stays = `${staying(new Set([...out, ...addresses]), capacities)}% of the weight stays`;
    this.#say(
      leaving.length === 1 ? `${namesOf(leaving)} leaves the table` : `${namesOf(leaving)} leave the table: ${stays}`,
    );
    try {
      return await this.#directors.leave(addresses);
    } catch (failure) {
      for (const server of fresh) await this.#directors.putBack(server);
      throw failure;
    }
  }

  /** Switches a server that has left the tables, after its connections have ended. It comes back after this. */
  async #switchOutOfTable(server: RolloutServer, before: Views, isFresh: boolean): Promise<void> {
    const { address, host } = server;
    this.#progress?.waits(host.name, "until its connections end");
    try {
      await this.#directors.connectionsEnd(address, before);
    } catch (failure) {
      if (isFresh) await this.#directors.putBack(server);
      throw failure;
    }
    this.#progress?.waits(host.name, "until it is ready");
    await this.#switch.orRollBack(server).catch(async (failure) => {
      // After another failure, as of a connection that was cut, it is not known what the server serves. It stays out of the
      // table, and the next rollout goes on with it.
      if (failure instanceof RolledBack) {
        await this.#directors.putBack(server);
        this.#say(`${host.name} is back in the table`);
      }
      throw failure;
    });
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
    this.#failures.push(...failed);
    return failed.length > 0;
  }

  /** The site's servers that are out of a table, and what each service can carry. */
  #situation(views: Views): Omit<Situation, "spare"> {
    const all = [...views.values()];
    const out = this.#want.servers.filter(({ address }) => all.some((view) => view.out.has(address)));
    return { out: new Set(out.map(({ address }) => address)), capacities: all.flatMap(capacities) };
  }

  async #prepare(): Promise<void> {
    const { prepare, prepareOn, servers } = this.#want;
    if (!prepare) return;
    const where = prepareOn === "first" ? servers.slice(0, 1) : servers;
    const settled = await Promise.allSettled(where.map(({ host }) => this.#switch.prepare(host, prepare)));
    for (const one of settled) if (one.status === "rejected") throw one.reason;
  }

  get #allowed(): number {
    return this.#want.maxFailures ?? 0;
  }

  /** The failure of the rollout. The servers of `left` were not begun. */
  #stopped(left: readonly RolloutServer[]): Error {
    const [first] = this.#failures;
    if (this.#failures.length === 1 && first) return first.error;
    const rest = left.length > 0 ? ` ${namesOf(left)} ${left.length === 1 ? "was" : "were"} not begun.` : "";
    return new LvsError(
      `release ${short(this.#want.release)} failed on ${this.#failures.length} of ${this.#want.servers.length} servers: ` +
        `${namesOf(this.#failures.map(({ server }) => server))}.${rest} The next \`up\` goes on with them.\n` +
        this.#failures.map(({ server, error }) => `${server.host.name}: ${error.message}`).join("\n"),
    );
  }
}

function namesOf(servers: readonly RolloutServer[]): string {
  return servers.map(({ host }) => host.name).join(", ");
}
