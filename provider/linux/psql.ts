import { z } from "zod";
import { type Command, Secret, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact, jsonOf } from "../host/fact";
import { oneLine } from "../host/naming";
import { isPostgresqlName } from "../model";
import { port } from "../reconcile/inputs";
import type { Step } from "../reconcile/kind";

// psql talks to PostgreSQL over the host's own socket, as the user postgres (peer authentication). SQL travels on standard
// input. What is named or found there goes into SQL by `sqlName` and `sqlLiteral` alone.

/** The name of a role or a database. PostgreSQL cuts off names of more than 63 bytes. */
export const identifier = z
  .string()
  .refine(isPostgresqlName, 'a name is like "shop": small letters, digits and _, not a digit first, at most 63');

/** A name in SQL: of a role, a database. */
export function sqlName(text: string): string {
  return `"${sqlText(text).replaceAll('"', '""')}"`;
}

/** A text in SQL. With a backslash it has the form that means the same whatever standard_conforming_strings says. */
export function sqlLiteral(text: string): string {
  const quoted = `'${sqlText(text).replaceAll("'", "''")}'`;
  return text.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/** psql reads a line end within quotes as part of the text, but no NUL. */
function sqlText(text: string): string {
  if (/\0|\p{Surrogate}/u.test(text)) throw new LvsError(`${JSON.stringify(text)} is no text for PostgreSQL`);
  return text;
}

/** The port of the server. The name of the server's socket contains the port, too. */
export const serverPort = port.default(5432);

/** The name of something on the server with this port. A host may have several servers. */
export function onServer(name: string, at: number): string {
  return at === 5432 ? name : `${name} ${at}`;
}

/** The server did not answer. */
export interface Unknown {
  readonly is: "unknown";
  readonly why: string;
}

// A server that is starting rejects connections. The script asks pg_isready(1) for this (exit status 1) and not the message,
// because the message may be in the server's language. psql exits with 2 if the connection failed.
//
// Where the server is, as whom and by which service file comes from here: the variables of whoever logs in may name another
// server (libpq, "Environment Variables").
const SCRIPT = `sql=$(cat); cd /; n=0
for name in $(env | sed -n 's/^\\(PG[A-Z_]*\\)=.*/\\1/p'); do unset "$name"; done
tell() {
  printf '%s\\n' "$sql" | PGOPTIONS='-c lc_messages=C' \\
    runuser -u postgres -- psql -X -q -A -t -v ON_ERROR_STOP=1 -v VERBOSITY="$2" -U postgres -d postgres -p "$1"
}
while :; do
  said=$(tell "$@" 2>&1 >&3); r=$?
  [ $r = 2 ] && [ $n -lt 60 ] && { pg_isready -q -p "$1"; [ $? = 1 ]; } || break
  n=$((n + 1)); sleep 1
done 3>&1
[ -z "$said" ] || printf '%s\\n' "$said" >&2
exit "$r"`;

/** Runs SQL. For secret SQL, psql's errors are terse, because the other forms quote the statement. */
export function psql(sql: string | Secret, at: number): Command {
  return { ...sh(SCRIPT, String(at), sql instanceof Secret ? "terse" : "default"), stdin: sql };
}

/** The one row of a SELECT as an object; undefined if there is no row. */
export function selectOne<T extends object>(select: string, at: number): Fact<T | Unknown | undefined> {
  return fact(psql(`SELECT row_to_json(it) FROM (${select}) it;\n`, at), ({ exit, stdout, stderr }) => {
    if (exit !== 0) return { is: "unknown", why: oneLine(stderr) };
    if (stdout.trim() === "") return undefined;
    return jsonOf<T>(
      stdout,
      (why) =>
        `PostgreSQL's answer on port ${at} cannot be read: ${why}. Does psql print something else as well (psqlrc)?`,
    );
  });
}

/** A step that runs SQL. */
export function sqlStep(sql: string | Secret, at: number, purpose: string, advice?: Step["advice"]): Step {
  return { run: psql(sql, at), purpose, advice: (reply) => advice?.(reply) ?? adviceOf(reply.stderr, at) };
}

export function noAnswer({ why }: Unknown, at: number): LvsError {
  const advice = adviceOf(why, at);
  return new LvsError(`asking PostgreSQL on port ${at} as the user postgres: ${why}${advice ? `. ${advice}` : ""}`);
}

/** The words of a host without PostgreSQL. */
const NONE = /runuser: |pg_wrapper|postgresql-client|psql: (command )?not found/;

/** Throws where the server has what was found, and does not answer. What was found on a server that is no more is gone with it. */
export function refuseUnanswered(seen: Unknown, at: number): void {
  if (!NONE.test(seen.why)) throw noAnswer(seen, at);
}

function adviceOf(output: string, at: number): string | undefined {
  if (NONE.test(output)) return "Is PostgreSQL installed, and is this resource made after its package (dependsOn)?";
  if (/^psql: error: connection .*(No such file|refused)/s.test(output))
    return `Does PostgreSQL run, on port ${at} (pg_lsclusters), and is this resource made after its service (dependsOn)?`;
  if (/peer|pg_hba/i.test(output))
    return 'The user postgres must be let in over the socket, by a line "local all postgres peer" in pg_hba.conf';
  if (/^psql: error: connection/.test(output)) return "What does its log say (pg_lsclusters shows where it is)?";
  return undefined;
}
