import { type Command, sh } from "../host/command";
import { forGood, hold, INPUT_INTO_PLACE, inShell, intoPlace } from "../host/shell";
import type { OperatorNote } from "../model";
import { FOLDER, type Holder, noteName, type OutOfService, type Place, placeName, recordName } from "./maintenance";
import { appendBoot, type BootEntry } from "./maintenance-boot";

// How a director's records of maintenance are written. `maintenance.ts` says what is in them.

/**
 * Shell: whatever writes in the folder of the records takes turns. The lock of a trip is not enough: a drain, a rollout and the
 * update of a service have different ones. And what a trip has seen may be old: each script changes what is there now.
 */
export const RECORDS_LOCKED = hold("maintenance-records");

const INTO_PLACE = intoPlace(`"${FOLDER}/.$1"`, `"${FOLDER}/$1"`);

/** Writes a record. This runs before the weights are changed. What the record has of a place already stays. */
export function remember(holder: Holder, places: readonly Place[]): Command {
  const lines = places.map((place) => `${lineOf(place)}\n`).join("");
  return {
    ...sh(
      `${RECORDS_LOCKED}
      mkdir -p ${FOLDER} && while IFS="|" read -r at key rest; do
        grep -sF -- "$at|$key|" "${FOLDER}/$1" || echo "$at|$key|$rest"
      done >"${FOLDER}/.$1" && ${INTO_PLACE}`,
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
    ...sh(`${RECORDS_LOCKED}\nmkdir -p ${FOLDER} && ${INPUT_INTO_PLACE}`, `${FOLDER}/${noteName(address)}`),
    stdin: `${JSON.stringify(note)}\n`,
  };
}

/** Changes the weight that a destination gets back, in every record that has the destination. */
export function rememberWeight(place: Place): Command {
  const name = `${placeName(place)}|`;
  const change = `sed "s#^\\($1\\)[0-9]*#\\1$2#" ${FOLDER}/"$record" >${FOLDER}/."$record"`;
  return sh(
    `${RECORDS_LOCKED}
    for record in $(cd ${FOLDER} 2>/dev/null && grep -lsF -- "$3" *); do
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
    `${RECORDS_LOCKED}
    cd ${FOLDER} 2>/dev/null && [ -s "$1" ] && ! grep -qF -- "$2|" "$1" || exit 0
    { cat "$1" && echo "$3"; } >".$1" && ${INTO_PLACE} && ${appendBoot('"$4"', '"$5"')}`,
    address,
    placeName(place),
    lineOf(place),
    atBoot.path,
    atBoot.script,
  );
}

/**
 * Takes places out of a record. With the last one go the record, the note beside it, and what lasts as long as they do. Somebody
 * else may have taken out the other places, or have ended the whole maintenance.
 *
 * @param last what ends with the record
 */
export function forgetPlaces(holder: Holder, places: readonly Place[], last: readonly Command[]): Command {
  const ending = last.map((one) => `${inShell(one)} || exit 1`).join("\n");
  return {
    ...sh(
      `${RECORDS_LOCKED}
      record=${FOLDER}/$1
      if [ -e "$record" ]; then
        grep -vF -f - "$record" >"${FOLDER}/.$1" || [ $? = 1 ] || exit 1
        if [ -s "${FOLDER}/.$1" ]; then ${INTO_PLACE}; exit; fi
      fi
      ${ending}
      rm -f "$record" "${FOLDER}/.$1" "${FOLDER}/.$1.why"
      rmdir -p --ignore-fail-on-non-empty ${FOLDER} 2>/dev/null
      ${forGood('"$record"')}`,
      recordName(holder),
    ),
    stdin: places.map((place) => `${placeName(place)}|\n`).join(""),
  };
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
