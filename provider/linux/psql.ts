import { z } from "zod";
import { type Command, Secret, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact } from "../host/fact";
import { oneLine } from "../host/naming";
import { isPostgresqlName } from "../model";
import { port } from "../reconcile/inputs";
import type { Step } from "../reconcile/kind";

// PostgreSQL on a host, asked and told by psql over its own socket as the user postgres (peer authentication). SQL goes by
// standard input. Names are so restricted that they can stand between quotes as they are.

/** A role's or database's name that needs no escaping; PostgreSQL cuts longer ones off. */
export const identifier = z
  .string()
  .refine(isPostgresqlName, 'a name is like "shop": small letters, digits and _, not a digit first, at most 63');

/** The port names the socket too. */
export const serverPort = port.default(5432);

/** What could not be found out. */
export interface Unknown {
  readonly is: "unknown";
  readonly why: string;
}

// A server that is still starting rejects connections (pg_isready(1): exit status 1), whatever language it speaks until then.
const SCRIPT = `sql=$(cat); cd /; n=0
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

/** An error in SQL that is secret is not answered with a quotation of it. */
export function psql(sql: string | Secret, at: number): Command {
  return { ...sh(SCRIPT, String(at), sql instanceof Secret ? "terse" : "default"), stdin: sql };
}

/** One object, or undefined where there is none. */
export function selectOne<T extends object>(select: string, at: number): Fact<T | Unknown | undefined> {
  // It is answered as JSON.
  return fact(psql(`SELECT row_to_json(it) FROM (${select}) it;\n`, at), ({ exit, stdout, stderr }) => {
    if (exit !== 0) return { is: "unknown", why: oneLine(stderr) };
    return stdout.trim() === "" ? undefined : (JSON.parse(stdout) as T);
  });
}

/** A step in SQL. */
export function sqlStep(sql: string | Secret, at: number, purpose: string, advice?: Step["advice"]): Step {
  return { run: psql(sql, at), purpose, advice: (reply) => advice?.(reply) ?? adviceOf(reply.stderr, at) };
}

export function noAnswer({ why }: Unknown, at: number): LvsError {
  const advice = adviceOf(why, at);
  return new LvsError(`asking PostgreSQL on port ${at} as the user postgres: ${why}${advice ? `. ${advice}` : ""}`);
}

function adviceOf(said: string, at: number): string | undefined {
  if (/runuser: |pg_wrapper|postgresql-client|psql: (command )?not found/.test(said))
    return "Is PostgreSQL installed, and is this resource made after its package (dependsOn)?";
  if (/^psql: error: connection .*(No such file|refused)/s.test(said))
    return `Does PostgreSQL run, on port ${at} (pg_lsclusters), and is this resource made after its service (dependsOn)?`;
  if (/peer|pg_hba/i.test(said))
    return 'The user postgres must be let in over the socket, by a line "local all postgres peer" in pg_hba.conf';
  if (/^psql: error: connection/.test(said)) return "What does its log say (pg_lsclusters shows where it is)?";
  return undefined;
}
