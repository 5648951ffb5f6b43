import type { Session } from "../../host/command";
import { allServices, type Scope, servicesOf } from "./director-view";
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
