import { holderInWords } from "../../ipvs/maintenance";
import { type Situation, staying } from "./batch";
import type { Directors } from "./directors";
import { namesOf } from "./failures";
import type { RolloutInputs, RolloutServer } from "./inputs";
import type { Progress } from "./progress";
import type { Views } from "./reached-directors";
import { RolledBack, type ServerSwitch, short } from "./server-switch";

/** How servers that have clients are exchanged: they leave the directors' tables, switch, and come back. */
export class Exchange {
  /** @param left servers that were out when the rollout began: a failure does not bring them back */
  constructor(
    private readonly want: Pick<RolloutInputs, "release">,
    private readonly servers: ServerSwitch,
    private readonly directors: Directors,
    private readonly progress: Progress,
    private readonly left: readonly RolloutServer[],
  ) {}

  /** Servers get no new clients any more. Returns what the directors showed before. */
  async leave(leaving: readonly RolloutServer[], { out, capacities }: Situation): Promise<Views> {
    const addresses = leaving.map(({ address }) => address);
    const stays = `${staying(new Set([...out, ...addresses]), capacities)}% of the weight stays`;
    this.servers.say(
      leaving.length === 1 ? `${namesOf(leaving)} leaves the table` : `${namesOf(leaving)} leave the table: ${stays}`,
    );
    try {
      return await this.directors.leave(addresses);
    } catch (failure) {
      for (const server of leaving) if (!this.left.includes(server)) await this.#putBack(server);
      throw failure;
    }
  }

  /** Switches a server that has left the tables, after its connections have ended. It comes back after this. */
  async switched(server: RolloutServer, before: Views): Promise<void> {
    const { address, host } = server;
    this.progress.waits(host.name, "until its connections end");
    // The host has nothing else to do meanwhile.
    const former = this.servers.former(server);
    former.catch(() => {});
    try {
      await this.directors.connectionsEnd(address, before);
    } catch (failure) {
      if (!this.left.includes(server)) await this.#putBack(server);
      throw failure;
    }
    this.progress.waits(host.name, "until it is ready");
    const switched = this.directors.keepingOut(address, () => this.servers.orRollBack(server, former));
    await switched.catch(async (failure) => {
      // After another failure, as of a connection that was cut, it is not known what the server serves. It stays out of the
      // table, and the next rollout goes on with it.
      if (failure instanceof RolledBack) this.servers.say(`${host.name} ${await this.#putBack(server)}`);
      throw failure;
    });
  }

  async comesBack(server: RolloutServer): Promise<void> {
    const back = await this.#putBack(server);
    this.progress.done(server.host.name, `runs release ${short(this.want.release)}, and ${back}`);
  }

  /** Puts a server back into the tables. Returns what has come of it, in words. */
  async #putBack({ address, host }: RolloutServer): Promise<string> {
    const [holder] = [...(await this.directors.putBack(address, host.name)).values()].flat();
    return holder ? `stays out of the table: ${holderInWords(holder)}` : "is back in the table";
  }
}
