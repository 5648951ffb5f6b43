import { type Command, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { forGood, INPUT_INTO_PLACE, reading } from "../host/shell";
import { FOLDER } from "./maintenance";
import { RECORDS_LOCKED } from "./maintenance-record";

// A director that is down when an operator drains a real server, or brings it back, is written down on the others: a file
// beside their records, `.ADDRESS.missed`. The records of the director that has the newest file say what was missed.

/** The directors that do not know yet whether a real server is drained. */
export interface Missed {
  /** The real server's address. */
  readonly address: string;
  /** The directors' names. */
  readonly directors: readonly string[];
  /** ISO 8601. */
  readonly since: string;
  /** The server comes back, whatever the records still say: a run was interrupted before it had got to all directors. */
  readonly returned?: true;
}

export function missedOf(): Fact<Missed[]> {
  const ask = sh(`cd ${FOLDER} 2>/dev/null || exit 0
    for file in .*.missed; do ${reading('"$file"', `printf '%s|' "$file"; cat`, ":")}; done`);
  return printed(ask, (output) => output.split("\n").flatMap(parsed));
}

/** A file that cannot be read says nothing. */
function parsed(line: string): Missed[] {
  const [, address = "", text = ""] = /^\.(.+?)\.missed\|(.*)$/.exec(line) ?? [];
  try {
    const { directors, since, returned } = JSON.parse(text) as Partial<Missed>;
    if (!Array.isArray(directors) || typeof since !== "string") return [];
    return [{ address, directors, since, ...(returned && { returned }) }];
  } catch {
    return [];
  }
}

/** Writes down who has missed what has become of a real server; nobody: then there is no file. */
export function noteMissed({ address, directors, since, returned }: Missed): Command {
  const file = `${FOLDER}/.${address}.missed`;
  if (directors.length > 0)
    return {
      ...sh(`${RECORDS_LOCKED}\nmkdir -p ${FOLDER} && ${INPUT_INTO_PLACE}`, file),
      stdin: `${JSON.stringify({ directors, since, returned })}\n`,
    };
  const gone = `rm -f "$1"; rmdir -p --ignore-fail-on-non-empty ${FOLDER} 2>/dev/null; ${forGood('"$1"')}`;
  return sh(`${RECORDS_LOCKED}\n${gone}`, file);
}
