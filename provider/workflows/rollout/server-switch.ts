import type { Reply } from "../../host/command";
import { LvsError } from "../../host/errors";
import { find } from "../../host/fact";
import type { Step } from "../../reconcile/kind";
import { runSteps } from "../../reconcile/steps";
import {
  currentRelease,
  endOfLog,
  probe,
  type Runs,
  runIn,
  switchTo,
  untilReady,
  whatRuns,
} from "./application-server";
import type { Reach } from "./director";
import type { RolloutInputs, RolloutServer } from "./inputs";

/** Seconds for `prepare`: a first migration on a slow machine takes long. */
const PREPARE = 900;

/** The former release has run on the server, which is out of service without it. It is waited for so many times as long. */
const GOING_BACK = 3;

/** The release failed, and the server runs its former release again. */
export class RolledBack extends LvsError {}

/** Whether a server runs exactly this release. */
export function isFine({ current, wrong }: Runs, release: string): boolean {
  return current === release && wrong.length === 0;
}

export function short(release: string): string {
  return release.slice(0, 12);
}

/** What a rollout does on the real servers, whether clients are sent to them or not. */
export class ServerSwitch {
  constructor(
    private readonly want: RolloutInputs,
    private readonly reach: Reach,
    readonly say: (words: string) => void,
  ) {}

  /** What runs on a server. One that runs the release has to be ready, too. */
  async look(server: RolloutServer): Promise<Runs> {
    const runs = await this.#runs(server);
    const missing = isFine(runs, this.want.release) ? await this.unready(server) : undefined;
    return missing ? { ...runs, wrong: [missing] } : runs;
  }

  /** Why a server is not ready, in words. */
  unready({ host, address }: RolloutServer): Promise<string | undefined> {
    const { look, missing } = probe(this.want.ready, address, host.name);
    return this.reach(host, async (session) => missing((await session.run({ looks: [look] })).looks[0] as Reply));
  }

  /** The release that a server goes back to if the new one fails; "" if there is none. */
  former({ host }: RolloutServer): Promise<string> {
    return this.reach(host, (session) => find(session, currentRelease(this.want)));
  }

  /** Switches a server to the release and waits until it is ready. If that fails, goes back to the former release and throws. */
  async orRollBack(server: RolloutServer, former = this.former(server)): Promise<void> {
    const { release } = this.want;
    const { name } = server.host;
    const current = await former;
    const failure = await this.#activate(server, release);
    if (!failure) return;
    const log = await this.#log(server);
    const reason = `${failure.message}${log ? `\nThe end of its log:\n${log}` : ""}`;
    if (current === "" || current === release)
      throw new LvsError(`${reason}\n${name} is left out of service: there is no other release to go back to`);
    this.say(`${name} goes back to release ${short(current)}`);
    const again = await this.#activate(server, current, this.want.ready.within * GOING_BACK);
    if (again)
      throw new LvsError(
        `${reason}\nGoing back to release ${short(current)} failed too: ${again.message}. ${name} is left out of service`,
      );
    throw new RolledBack(
      `release ${short(release)}: ${reason}\n${name} runs release ${short(current)} again; the other servers go on as they are`,
    );
  }

  /** Runs the release's own command, before any server switches. */
  async prepare(host: RolloutServer["host"], prepare: readonly string[]): Promise<void> {
    const { release, user, site } = this.want;
    const what = `preparing release ${short(release)}`;
    this.say(`${what} on ${host.name}: ${prepare.join(" ")}`);
    const reply = await this.reach(host, async (session) => {
      const command = runIn(this.want, release, user, prepare);
      return (await session.run({ steps: [command], limit: PREPARE, lock: `Application.${site}` })).steps[0];
    });
    const words = `${reply?.stdout}${reply?.stderr}`.trim().split("\n");
    if (reply?.exit !== 0)
      throw new LvsError(
        `host ${host.name}: ${what} (${prepare.join(" ")}): exit ${reply?.exit}. No server was switched. ` +
          `The end of what it said:\n${words.slice(-15).join("\n")}`,
      );
    this.say(`${what}: ${words.at(-1)}`);
  }

  async #activate(
    { host, address }: RolloutServer,
    release: string,
    within = this.want.ready.within,
  ): Promise<LvsError | undefined> {
    const ready = untilReady({ ...this.want.ready, within }, address, host.name);
    const steps: Step[] = [...switchTo(this.want, release), ready];
    return this.reach(host, async (session) => {
      const { failure } = await runSteps(session, `Application.${this.want.site}`, steps, []);
      return failure;
    });
  }

  #runs({ host }: RolloutServer): Promise<Runs> {
    return this.reach(host, (session) => find(session, whatRuns(this.want)));
  }

  #log({ host }: RolloutServer): Promise<string> {
    return this.reach(host, (session) => find(session, endOfLog(this.want)));
  }
}
