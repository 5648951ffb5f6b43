import { type Command, inline, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, jsonOf, printed } from "../host/fact";
import { forGood, INPUT_INTO_PLACE, inFolder, reading } from "../host/shell";
import { ON_ONE_LINE, textOf } from "../linux/on-one-line";
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

const NAME = `printf '%s|' "$file"`;

/** Reading the fact throws an LvsError for a file that cannot be read: a director would never learn what it has missed. */
export function missedOf(): Fact<Missed[]> {
  const script = `for file in .*.missed; do ${reading('"$file"', `${NAME}; ${ON_ONE_LINE}`, `{ ${NAME}; echo; }`)}; done`;
  return printed(inline(inFolder(FOLDER, script)), (output) => output.split("\n").flatMap(parsed));
}

function parsed(line: string): Missed[] {
  const [, address = "", record = ""] = /^\.(.+?)\.missed\|(.*)$/.exec(line) ?? [];
  if (address === "") return [];
  const broken = (why: string) =>
    `${FOLDER}/.${address}.missed, which says which directors do not know what has become of ${address}, cannot be read: ${why}. ` +
    `Remove the file, and drain or return ${address} again, so that all directors know`;
  const missed = jsonOf<Partial<Missed> | null>(textOf(record), broken);
  const { directors, since, returned } = missed ?? {};
  if (!Array.isArray(directors) || !directors.every((one) => typeof one === "string"))
    throw new LvsError(broken("it names no directors"));
  if (typeof since !== "string" || Number.isNaN(Date.parse(since))) throw new LvsError(broken("it has no time"));
  return [{ address, directors, since, ...(returned && { returned }) }];
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
