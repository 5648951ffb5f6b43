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
    const { directors, since } = JSON.parse(text) as Partial<Missed>;
    return Array.isArray(directors) && typeof since === "string" ? [{ address, directors, since }] : [];
  } catch {
    return [];
  }
}

/** Writes down who has missed what has become of a real server; nobody: then there is no file. */
export function noteMissed({ address, directors, since }: Missed): Command {
  const file = `${FOLDER}/.${address}.missed`;
  if (directors.length > 0)
    return {
      ...sh(`${RECORDS_LOCKED}\nmkdir -p ${FOLDER} && ${INPUT_INTO_PLACE}`, file),
      stdin: `${JSON.stringify({ directors, since })}\n`,
    };
  const gone = `rm -f "$1"; rmdir -p --ignore-fail-on-non-empty ${FOLDER} 2>/dev/null; ${forGood('"$1"')}`;
  return sh(`${RECORDS_LOCKED}\n${gone}`, file);
}
