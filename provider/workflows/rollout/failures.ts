import { LvsError } from "../../host/errors";
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
