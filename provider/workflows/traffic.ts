import type { Expectation } from "./traffic-inputs";

/** What came of one request: the server that answered, or why none did. */
export type Result = { readonly server: string } | { readonly failure: string };

export interface Round {
  readonly sent: number;
  readonly servers: Readonly<Record<string, number>>;
  readonly failed: number;
  /** Why, and how often. */
  readonly failures: Readonly<Record<string, number>>;
}

export function tally(results: readonly Result[]): Round {
  const servers: Record<string, number> = {};
  const failures: Record<string, number> = {};
  for (const result of results) {
    const [counts, name] = "server" in result ? [servers, result.server] : [failures, result.failure];
    counts[name] = (counts[name] ?? 0) + 1;
  }
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return { sent: results.length, servers: sorted(servers), failed, failures };
}

function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is not as expected, in words. */
export function judge(round: Round, { servers, tolerance, failures }: Expectation): string[] {
  const wrong: string[] = [];
  if (round.failed > failures) wrong.push(`${round.failed} of ${round.sent} requests failed, ${failures} may`);
  if (!servers) return wrong;
  for (const name of names(round, servers)) {
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

/** The distribution, to be read by people. */
export function distributionTable(round: Round, servers: Readonly<Record<string, number>> | undefined): string {
  const head = ["server", "requests", "share", ...(servers ? ["expected"] : [])];
  const rows = names(round, servers).map((name) => {
    const count = round.servers[name] ?? 0;
    return [
      name,
      String(count),
      percent(answered(round) === 0 ? 0 : count / answered(round)),
      ...(servers ? [servers[name] === undefined ? "none" : percent(share(name, servers))] : []),
    ];
  });
  const failures = Object.entries(round.failures).map(([why, count]) => `failed: ${count} × ${why}`);
  return [...aligned([head, ...rows]), ...failures].join("\n");
}

function names(round: Round, servers: Readonly<Record<string, number>> | undefined): string[] {
  return [...new Set([...Object.keys(servers ?? {}), ...Object.keys(round.servers)])].sort();
}

function answered(round: Round): number {
  return round.sent - round.failed;
}

function share(name: string, servers: Readonly<Record<string, number>>): number {
  const total = Object.values(servers).reduce((sum, weight) => sum + weight, 0);
  return total === 0 ? 0 : (servers[name] ?? 0) / total;
}

function percent(part: number): string {
  return `${Math.round(part * 1000) / 10} %`;
}

/** The first column to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
  );
}
