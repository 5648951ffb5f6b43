import type { Reply, Session } from "../../host/command";
import { HostError, LvsError } from "../../host/errors";
import { find } from "../../host/fact";
import { poll } from "../../host/poll";
import type { Step } from "../../reconcile/kind";
import { runSteps } from "../../reconcile/steps";
import { endOfLog, probe, type Runs, runIn, switchTo, untilReady, whatRuns } from "./application-server";
import {
  type DirectorView,
  getsNewClients,
  lookAtDirector,
  placesOf,
  putBackIntoTable,
  run,
  servicesLeftWithout,
  takeOutOfTable,
} from "./director-table";
import type { RolloutDirector, RolloutInputs, RolloutServer } from "./inputs";

/** Runs some work with a session of a host. */
export type Reach = <T>(host: RolloutServer["host"], work: (session: Session) => Promise<T>) => Promise<T>;

/** Seconds to wait until another server serves, before a server is taken out of the table. */
const OTHERS = 60;

/** One rollout of a release over the servers of a site. */
export class ReleaseRollout {
  readonly #want: RolloutInputs;
  readonly #reach: Reach;

  constructor(want: RolloutInputs, reach: Reach) {
    this.#want = want;
    this.#reach = reach;
  }

  /** What runs, by server. */
  async look(): Promise<ReadonlyMap<string, Runs>> {
    const { servers, release } = this.#want;
    const seen = await Promise.all(
      servers.map(async (server) => {
        const runs = await this.#runs(server);
        // A server that does not run the release yet need not be ready.
        const missing = isFine(runs, release) ? await this.#unready(server) : undefined;
        return [server.host.name, missing ? { ...runs, wrong: [missing] } : runs] as const;
      }),
    );
    return new Map(seen);
  }

  /**
   * Switches every server to the release that does not run it yet. The servers that are in no director's table are switched at
   * the same time, the others one after the other. A server on which the release fails goes back to its former release, and the
   * rollout ends there.
   */
  async go(): Promise<void> {
    const { servers, release } = this.#want;
    const running = await this.look();
    const runs = ({ host }: RolloutServer) => running.get(host.name) as Runs;
    const behind = servers.filter((server) => !isFine(runs(server), release));
    const views = await this.#views();
    const out = servers.filter(({ address }) => views.some((view) => view.out.has(address)));
    if (behind.length + out.length === 0) return;
    if (servers.some((server) => runs(server).current !== release)) await this.#prepare();

    const serving = ({ address }: RolloutServer) =>
      views.some((view) => placesOf(view, address).length > 0 || view.out.has(address));
    const first = behind.filter((server) => !serving(server));
    await allOf(first.map((server) => this.#switchOrRollBack(server)));
    // A server that is out since an interrupted rollout comes first: the others can be taken out only when it is back.
    for (const server of out)
      await (behind.includes(server) ? this.#switchOutOfTable(server, true) : this.#putBack(server));
    for (const server of behind)
      if (serving(server) && !out.includes(server)) await this.#switchOutOfTable(server, false);
  }

  /** Puts the servers back into the tables that an interrupted rollout has left out. */
  async end(): Promise<void> {
    await this.#onDirectors(async (session, view) => {
      for (const { address } of this.#want.servers)
        if (view.out.has(address)) await run(session, putBackIntoTable(view, address));
    });
  }

  /** Takes a server out of every table, switches it to the release, and puts it back. */
  async #switchOutOfTable(server: RolloutServer, isOut: boolean): Promise<void> {
    const { address, host } = server;
    await this.#othersServe(server);
    this.#say(`${host.name} leaves the table`);
    try {
      await this.#onDirectors(async (session, view) => run(session, takeOutOfTable(view, address, this.#want.drain)));
    } catch (failure) {
      if (!isOut) await this.#putBack(server);
      throw failure;
    }
    const failure = await this.#switchOrRollBack(server).then(
      () => undefined,
      (error: LvsError) => error,
    );
    // After another failure, as of a connection that was cut, it is not known what the server serves. It stays out of the
    // table, and the next rollout goes on with it.
    if (failure && !(failure instanceof RolledBack)) throw failure;
    await this.#putBack(server);
    if (failure) throw failure;
  }

  /** Switches a server to the release and waits until it is ready. If that fails, goes back to the former release and throws. */
  async #switchOrRollBack(server: RolloutServer): Promise<void> {
    const { release } = this.#want;
    const before = await this.#runs(server);
    const failure = await this.#activate(server, release);
    if (!failure) return this.#say(`${server.host.name} runs release ${short(release)}`);
    const log = await this.#log(server);
    const reason = `${failure.message}${log ? `\nThe end of its log:\n${log}` : ""}`;
    const { current } = before;
    if (current === "" || current === release)
      throw new LvsError(
        `${reason}\n${server.host.name} is left out of service: there is no other release to go back to`,
      );
    this.#say(`${server.host.name} goes back to release ${short(current)}`);
    const again = await this.#activate(server, current);
    if (again)
      throw new LvsError(
        `${reason}\nGoing back to release ${short(current)} failed too: ${again.message}. ${server.host.name} is left out of service`,
      );
    throw new RolledBack(
      `release ${short(release)}: ${reason}\n${server.host.name} runs release ${short(current)} again; the other servers go on as they are`,
    );
  }

  async #activate(server: RolloutServer, release: string): Promise<LvsError | undefined> {
    const { host, address } = server;
    const steps: Step[] = [...switchTo(this.#want, release), untilReady(this.#want.ready, address, host.name)];
    return this.#reach(host, async (session) => {
      const { failure } = await runSteps(session, `Application.${this.#want.site}`, steps, []);
      return failure;
    });
  }

  async #prepare(): Promise<void> {
    const { prepare, prepareOn, servers } = this.#want;
    if (!prepare) return;
    const where = prepareOn === "first" ? servers.slice(0, 1) : servers;
    await allOf(where.map(({ host }) => this.#prepareOn(host, prepare)));
  }

  async #prepareOn(host: RolloutServer["host"], prepare: readonly string[]): Promise<void> {
    const { release, user, site } = this.#want;
    const what = `preparing release ${short(release)}`;
    this.#say(`${what} on ${host.name}: ${prepare.join(" ")}`);
    const reply = await this.#reach(host, async (session) => {
      const command = runIn(this.#want, release, user, prepare);
      return (await session.run({ steps: [command], limit: PREPARE, lock: `Application.${site}` })).steps[0];
    });
    const words = `${reply?.stdout}${reply?.stderr}`.trim().split("\n");
    if (reply?.exit !== 0)
      throw new LvsError(
        `host ${host.name}: ${what} (${prepare.join(" ")}): exit ${reply?.exit}. No server was switched. ` +
          `The end of what it said:\n${words.slice(-15).join("\n")}`,
      );
    this.#say(`${what}: ${words.at(-1)}`);
  }

  async #putBack(server: RolloutServer): Promise<void> {
    const { address, host } = server;
    await this.#onDirectors(async (session, view) => {
      const places = view.out.get(address);
      if (!places) return;
      await run(session, putBackIntoTable(view, address));
      const { vip, mark } = this.#want.directors.find(
        (director) => director.host.name === session.name,
      ) as RolloutDirector;
      if (places.some(({ weight }) => weight > 0) && !getsNewClients(await lookAtDirector(session, vip, mark), address))
        throw new LvsError(
          `host ${session.name}: real server ${host.name} (${address}) did not come back into the table. ` +
            "Is it fit for ldirectord's checks, or did somebody delete it there?",
        );
    });
    this.#say(`${host.name} is back in the table`);
  }

  /** Waits until other servers serve. Throws if this server is still the only one. */
  async #othersServe(server: RolloutServer): Promise<void> {
    if (this.#want.alone === "interrupt") return;
    const look = () => this.#leftWithout(server);
    const alone = await poll(look, ({ services }) => services.length === 0, { within: OTHERS, every: 2 });
    if (alone.services.length > 0)
      throw new LvsError(
        `${server.host.name} is the only real server left in ${alone.services.join(", ")}: taking it out would interrupt the service. ` +
          `${alone.unfit.map((reason) => `${reason}. `).join("")}` +
          'Bring another one back first, or declare alone: "interrupt"',
      );
  }

  /**
   * The services that would serve nobody without this server, and what the other servers lack. A server that is not ready
   * itself serves nobody now, so the others need not be ready for its sake.
   */
  async #leftWithout(server: RolloutServer): Promise<{ services: string[]; unfit: string[] }> {
    const views = await this.#views();
    const without = (others: readonly RolloutServer[]) => {
      const addresses = others.map(({ address }) => address);
      return views.flatMap((view) => servicesLeftWithout(view, server.address, addresses));
    };
    if (without([]).length > 0 || (await this.#unready(server))) return { services: without([]), unfit: [] };
    const unfit = new Map<RolloutServer, string>();
    let unknown = this.#want.servers.filter((other) => other !== server);
    // One that is ready may be enough for all services, so the others are not asked at the same time.
    for (const other of unknown) {
      if (without([...unknown, ...unfit.keys()]).length === 0) break;
      unknown = unknown.filter((one) => one !== other);
      const missing = await this.#unready(other).catch(notReached);
      if (missing) unfit.set(other, `${other.host.name}: ${missing}`);
    }
    return { services: without([...unfit.keys()]), unfit: [...unfit.values()] };
  }

  #onDirectors(work: (session: Session, view: DirectorView) => Promise<void>): Promise<unknown> {
    return allOf(
      this.#want.directors.map(({ host, vip, mark }) =>
        this.#reach(host, async (session) => work(session, await lookAtDirector(session, vip, mark))),
      ),
    );
  }

  #views(): Promise<DirectorView[]> {
    const look = ({ host, vip, mark }: RolloutDirector) =>
      this.#reach(host, (session) => lookAtDirector(session, vip, mark));
    return Promise.all(this.#want.directors.map(look));
  }

  #runs({ host }: RolloutServer): Promise<Runs> {
    return this.#reach(host, (session) => find(session, whatRuns(this.#want)));
  }

  #unready({ host, address }: RolloutServer): Promise<string | undefined> {
    const { look, missing } = probe(this.#want.ready, address, host.name);
    return this.#reach(host, async (session) => missing((await session.run({ looks: [look] })).looks[0] as Reply));
  }

  #log({ host }: RolloutServer): Promise<string> {
    return this.#reach(host, (session) => find(session, endOfLog(this.#want)));
  }

  #say(words: string): void {
    console.log(`${this.#want.site}: ${words}`);
  }
}

function notReached(error: unknown): string {
  if (error instanceof HostError) return error.message;
  throw error;
}

/** Seconds for `prepare`: a first migration on a slow machine takes long. */
const PREPARE = 900;

/** The release failed, and the server runs its former release again. */
class RolledBack extends LvsError {}

/** Whether a server runs exactly this release. */
function isFine({ current, wrong }: Runs, release: string): boolean {
  return current === release && wrong.length === 0;
}

function short(release: string): string {
  return release.slice(0, 12);
}

/** Waits for all works, also after a failure of one. Then throws the first failure. */
async function allOf<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(works);
  const failed = settled.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<T>).value);
}
