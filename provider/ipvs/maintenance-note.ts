import { type Command, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { intoPlace } from "../host/shell";
import { type OperatorNote, readNote } from "../model";
import { FOLDER } from "./maintenance";

// Why an operator has taken a real server out of the table. The note lies beside the record of the server's weights
// (maintenance.ts), and goes with it.

/** The notes, and when each record without one was written, by the real server's address. */
export const maintenanceNotes: Fact<ReadonlyMap<string, Partial<OperatorNote>>> = printed(
  sh(`cd ${FOLDER} 2>/dev/null || exit 0
    for address in *; do [ -f "$address" ] || continue
      printf '%s|%s|' "$address" "$(date -u -r "$address" +%FT%TZ)"; cat ".$address.why" 2>/dev/null || echo; done`),
  (output) => {
    const lines = output.split("\n").filter((line) => line !== "");
    return new Map(
      lines.map((line) => {
        const [, address = "", since = "", note = ""] = /^([^|]*)\|([^|]*)\|(.*)$/.exec(line) ?? [];
        return [address, { since, ...readNote(note) }] as const;
      }),
    );
  },
);

/** Writes a note, before the record of the weights. */
export function noteMaintenance(address: string, note: OperatorNote): Command {
  const file = `${FOLDER}/.${address}.why`;
  return {
    ...sh(`mkdir -p ${FOLDER} && cat >"$1.new" && ${intoPlace('"$1.new"', '"$1"')}`, file),
    stdin: `${JSON.stringify(note)}\n`,
  };
}
