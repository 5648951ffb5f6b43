import { withSession } from "../../host/pool";
import { drainIn, viewsOf } from "../rollout/why-drained";
import type { Drains, Expectation } from "./inputs";

/** Why operators have taken servers out, in words, by the servers' names. */
export type Drained = ReadonlyMap<string, string>;

/** Asks the directors which of the servers are drained. */
export async function drainedServers({ directors, servers }: Drains): Promise<Drained> {
  const views = await viewsOf(directors, withSession);
  return new Map(
    Object.entries(servers).flatMap(([name, address]) => {
      const why = drainIn(views, address);
      return why === undefined ? [] : [[name, why] as const];
    }),
  );
}

/** What is expected while servers are drained: they get nothing, and fewer servers can answer. */
export function withoutDrained(expect: Expectation, drained: Drained, known: readonly string[]): Expectation {
  const { servers, spread } = expect;
  if (drained.size === 0) return expect;
  const names = servers ? Object.keys(servers).filter((name) => servers[name] !== 0) : known;
  const most = names.filter((name) => !drained.has(name)).length;
  const weights = Object.entries(servers ?? {}).map(([name, weight]) => [name, drained.has(name) ? 0 : weight]);
  return {
    ...expect,
    ...(servers && { servers: Object.fromEntries(weights) }),
    ...(spread !== undefined && { spread: Math.min(spread, most) }),
  };
}

/** A line for each server that is left out. */
export function leftOut(drained: Drained): string[] {
  return [...drained].map(([name, why]) => `${name} is not expected: ${why}`);
}
