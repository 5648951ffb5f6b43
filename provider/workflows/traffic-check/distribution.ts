import { answered, type Counts, percent, type Round, serverNames, share } from "./traffic";

/** A table for people: the distribution of all requests, why some failed, and the distribution of each of several clients. */
export function distributionTable(round: Round, servers: Counts | undefined): string {
  const failures = Object.entries(round.failures).map(([why, count]) => `failed: ${count} × ${why}`);
  const perClient = Object.keys(round.clients).length > 1 ? ["", ...clientTable(round, servers)] : [];
  return [...serverTable(round, servers), ...failures, ...perClient].join("\n");
}

function serverTable(round: Round, servers: Counts | undefined): string[] {
  const head = ["server", "requests", "share", ...(servers ? ["expected"] : [])];
  const rows = serverNames(round, servers).map((name) => {
    const count = round.servers[name] ?? 0;
    return [
      name,
      String(count),
      percent(answered(round) === 0 ? 0 : count / answered(round)),
      ...(servers ? [servers[name] === undefined ? "none" : percent(share(name, servers))] : []),
    ];
  });
  return aligned([head, ...rows]);
}

function clientTable(round: Round, servers: Counts | undefined): string[] {
  const names = serverNames(round, servers);
  const head = ["client", ...names, ...(round.failed ? ["failed"] : [])];
  const rows = Object.entries(round.clients).map(([client, own]) => [
    client,
    ...names.map((name) => String(own.servers[name] ?? 0)),
    ...(round.failed ? [String(own.failed)] : []),
  ]);
  return aligned([head, ...rows]);
}

/** The rows in columns. The first column is aligned to the left, the others are aligned to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
  );
}
