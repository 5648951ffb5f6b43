import { counted } from "../../model";
import type { Expectation } from "./inputs";

/** The result of one request: the client that sent it, and the server that answered or the reason why none did. */
export type Result = { readonly client: string } & ({ readonly server: string } | { readonly failure: string });

/** A result with the seconds of the sender's clock at which it was asked for and had; nobody sets that clock. */
export type Timed = Result & { readonly asked: number; readonly had: number };

/** Numbers by name. */
export type Counts = Readonly<Record<string, number>>;

export interface Round {
  readonly sent: number;
  readonly servers: Counts;
  readonly failed: number;
  /** The number of failures by reason. */
  readonly failures: Counts;
  /** The results of each client, in the order in which the clients sent. */
  readonly clients: Readonly<Record<string, { readonly servers: Counts; readonly failed: number }>>;
}

export function tally(results: readonly Result[]): Round {
  const clients: Record<string, Result[]> = {};
  for (const result of results) {
    clients[result.client] ??= [];
    clients[result.client]?.push(result);
  }
  const all = servedIn(results);
  return {
    sent: results.length,
    ...all,
    clients: Object.fromEntries(
      Object.entries(clients).map(([client, own]) => {
        const { servers, failed } = servedIn(own);
        return [client, { servers, failed }];
      }),
    ),
  };
}

function servedIn(results: readonly Result[]): Pick<Round, "servers" | "failed" | "failures"> {
  const servers: Record<string, number> = {};
  const failures: Record<string, number> = {};
  for (const result of results) {
    const [counts, name] = "server" in result ? [servers, result.server] : [failures, result.failure];
    counts[name] = (counts[name] ?? 0) + 1;
  }
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return { servers: sorted(servers), failed, failures };
}

function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The longest time, in seconds, for which a sender asked and was not answered, over all its tries. */
export function longestWait(results: readonly Timed[]): number {
  let longest = 0;
  let since: number | undefined;
  for (const result of results) {
    since ??= result.asked;
    longest = Math.max(longest, result.had - since);
    if ("server" in result) since = undefined;
  }
  return Math.round(longest * 100) / 100;
}

/** What is not as expected, in words. */
export function judge(round: Round, expect: Expectation): string[] {
  const { failures } = expect;
  return [
    ...(round.failed > failures ? [`${round.failed} of ${round.sent} requests failed, ${failures} may`] : []),
    ...judgeServers(round, expect),
    ...(expect.persistence ? judgePersistence(round) : []),
    ...judgeSpread(round, expect.spread ?? 0),
  ];
}

function judgeServers(round: Round, { servers, tolerance }: Expectation): string[] {
  if (!servers) return [];
  const wrong: string[] = [];
  for (const name of serverNames(round, servers)) {
    const count = round.servers[name] ?? 0;
    const expected = share(name, servers);
    if (servers[name] === undefined) wrong.push(`${name} answered and is not expected`);
    else if (expected === 0 && count > 0) wrong.push(`${name} answered and has weight 0`);
    else if (expected > 0 && count === 0) wrong.push(`${name} did not answer`);
    else if (tolerance !== undefined && Math.abs(count / answered(round) - expected) > tolerance + 1e-9)
      wrong.push(`${name} has ${percent(count / answered(round))} of the answers, not ${percent(expected)}`);
  }
  return wrong;
}

function judgePersistence({ clients }: Round): string[] {
  return Object.entries(clients).flatMap(([client, { servers }]) => {
    const names = Object.keys(servers);
    if (names.length === 1) return [];
    if (names.length === 0) return [`${client} was answered by no server`];
    const seen = names.map((name) => `${name} (${servers[name]})`).join(" and ");
    return [`${client} was answered by ${seen}: persistence keeps a client on one server`];
  });
}

function judgeSpread({ servers, clients }: Round, spread: number): string[] {
  const many = Object.keys(servers).length;
  if (many >= spread) return [];
  const seen = Object.entries(clients).map(
    ([client, own]) => `${client} by ${Object.keys(own.servers).join(" and ") || "none"}`,
  );
  return [`${counted(many, "different server")} answered, not at least ${spread}: ${seen.join(", ")}`];
}

/** The names of all servers that answered or should answer. */
export function serverNames(round: Round, servers: Counts | undefined): string[] {
  return [...new Set([...Object.keys(servers ?? {}), ...Object.keys(round.servers)])].sort();
}

export function answered(round: Round): number {
  return round.sent - round.failed;
}

/** The share of requests that a server should get by its weight, from 0 to 1. */
export function share(name: string, servers: Counts): number {
  const total = Object.values(servers).reduce((sum, weight) => sum + weight, 0);
  return total === 0 ? 0 : (servers[name] ?? 0) / total;
}

export function percent(part: number): string {
  return `${Math.round(part * 1000) / 10} %`;
}
