import { type Command, sh } from "../host/command";
import { forGood, INPUT_INTO_PLACE, intoPlace } from "../host/shell";
import type { OperatorNote } from "../model";
import { FOLDER, type Holder, noteName, type OutOfService, type Place, placeName, recordName } from "./maintenance";
import { appendBoot, type BootEntry } from "./maintenance-boot";

// How a director's records of maintenance are written. `maintenance.ts` says what is in them.

/** Writes a record. This runs before the weights are changed. */
export function remember(holder: Holder, places: readonly Place[]): Command {
  const lines = places.map((place) => `${lineOf(place)}\n`).join("");
  return {
    ...sh(
      `mkdir -p ${FOLDER} && cat >"${FOLDER}/.$1" && ${intoPlace(`"${FOLDER}/.$1"`, `"${FOLDER}/$1"`)}`,
      recordName(holder),
    ),
    stdin: lines,
  };
}

function lineOf(place: Place): string {
  return `${placeName(place)}|${place.weight}${place.scheduler ? `|${place.scheduler}` : ""}`;
}

/** Writes an operator's note, before the record of the weights. The note goes with the record. */
export function noteMaintenance(address: string, note: OperatorNote): Command {
  return {
    ...sh(`mkdir -p ${FOLDER} && ${INPUT_INTO_PLACE}`, `${FOLDER}/${noteName(address)}`),
    stdin: `${JSON.stringify(note)}\n`,
  };
}

/** Changes the weight that a destination gets back, in every record that has the destination. */
export function rememberWeight(place: Place): Command {
  const name = `${placeName(place)}|`;
  const change = `sed "s#^\\($1\\)[0-9]*#\\1$2#" ${FOLDER}/"$record" >${FOLDER}/."$record"`;
  return sh(
    `for record in $(cd ${FOLDER} && grep -lF -- "$3" *); do
      ${change} && ${intoPlace(`"${FOLDER}/.$record"`, `"${FOLDER}/$record"`)} || exit 1
    done`,
    name.replace(/[[\].*^$]/g, "\\$&"),
    String(place.weight),
    name,
  );
}

/** Adds a destination to the record of an operator, who has taken out the real server before the destination was there. */
export function rememberToo(address: string, place: Place, atBoot: BootEntry): Command {
  return sh(
    `cd ${FOLDER} && [ -s "$1" ] && ! grep -qF -- "$2|" "$1" || exit 0
    { cat "$1" && echo "$3"; } >".$1" && ${intoPlace(`"${FOLDER}/.$1"`, `"${FOLDER}/$1"`)} && ${appendBoot('"$4"', '"$5"')}`,
    address,
    placeName(place),
    lineOf(place),
    atBoot.path,
    atBoot.script,
  );
}

/** Removes the record of a real server that is back in the table, and the note beside it. */
export function forgetMaintenance(holder: Holder): Command {
  const script = `rm -f "$1" "\${1%/*}/.\${1##*/}.why"; rmdir -p --ignore-fail-on-non-empty ${FOLDER} 2>/dev/null; ${forGood('"$1"')}`;
  return sh(script, `${FOLDER}/${recordName(holder)}`);
}

/** Fails where somebody else has taken the real server out, or brought it back, since the director was looked at. */
export function asSeen(address: string, out: OutOfService): Command {
  const own = out.filter((one) => one.address === address);
  const names = own.flatMap((one) => [recordName(one), ...(one.note ? [noteName(address)] : [])]);
  return sh(
    `address=$1; shift; left=$#
    cd ${FOLDER} 2>/dev/null || exit "$left"
    for name in "$address" "$address"@* ".$address.why"; do
      [ -e "$name" ] && { [ "$name" != ".$address.why" ] || [ -e "$address" ]; } || continue
      for seen; do [ "$seen" != "$name" ] || { left=$((left - 1)); continue 2; }; done
      left=-1; break
    done
    [ "$left" = 0 ] || { echo "somebody else has taken it out or brought it back meanwhile" >&2; exit 1; }`,
    address,
    ...names,
  );
}
