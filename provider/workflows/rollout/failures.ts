import { LvsError } from "../../host/errors";
import { holderInWords, type Maintenance } from "../../ipvs/maintenance";
import type { DirectorView } from "./director-view";
import { drainedOn } from "./holding";
import type { RolloutInputs, RolloutServer } from "./inputs";
import { short } from "./server-switch";

/** A server on which the rollout failed, and why. */
export interface Failure {
  readonly server: RolloutServer;
  readonly error: Error;
}

/** The servers on which a rollout has failed so far. */
export class Failures {
  readonly #all: Failure[] = [];

  constructor(private readonly want: Pick<RolloutInputs, "release" | "servers" | "maxFailures">) {}

  add(failures: readonly Failure[]): void {
    this.#all.push(...failures);
  }

  get any(): boolean {
    return this.#all.length > 0;
  }

  /** Whether more servers have failed than may fail. */
  get tooMany(): boolean {
    return this.#all.length > (this.want.maxFailures ?? 0);
  }

  /** The failure of the rollout. The servers of `left` were not begun. */
  stopped(left: readonly RolloutServer[]): Error {
    const [first] = this.#all;
    if (this.#all.length === 1 && first) return first.error;
    const rest = left.length > 0 ? ` ${namesOf(left)} ${left.length === 1 ? "was" : "were"} not begun.` : "";
    return new LvsError(
      `release ${short(this.want.release)} failed on ${this.#all.length} of ${this.want.servers.length} servers: ` +
        `${namesOf(this.#all.map(({ server }) => server))}.${rest} The next \`up\` goes on with them.\n` +
        this.#all.map(({ server, error }) => `${server.host.name}: ${error.message}`).join("\n"),
    );
  }
}

export function namesOf(servers: readonly RolloutServer[]): string {
  return servers.map(({ host }) => host.name).join(", ");
}

/** Somebody else's rollout has taken out as many servers of these services as may be out. */
export function noRoom(
  out: ReadonlySet<string>,
  views: readonly DirectorView[],
  waiting: readonly RolloutServer[],
): LvsError {
  const holders = views.flatMap((view) => view.out).filter(({ address }) => out.has(address));
  const words = holders.map((one) => `${one.address} is out of the table: ${holderInWords(one)}`);
  return new LvsError(
    `${[...new Set(words)].join("; ")}. As long as that is so, ${namesOf(waiting)} cannot leave as well. ` +
      "Run `up` again when it is over",
  );
}

/** Why a server that an operator has drained is out, in words. */
export function whyOut(views: readonly DirectorView[], { address }: RolloutServer): string {
  return holderInWords(drainedOn(views, address) as Maintenance);
}
