import { type Command, sh } from "../host/command";
import { forGood, hold, INPUT_INTO_PLACE, intoPlace } from "../host/shell";
import type { OperatorNote } from "../model";
import {
  FOLDER,
  type Maintenance,
  noteName,
  type OutOfService,
  type Place,
  placeName,
  recordName,
} from "./maintenance";
import { appendBoot, type BootEntry } from "./maintenance-boot";

// How a director's records of maintenance are written. `maintenance.ts` says what is in them.

/**
 * Shell: whatever writes in the folder of the records takes turns. The lock of a trip is not enough: a drain, a rollout and the
 * update of a service have different ones. And what a trip has seen may be old: each script changes what is there now.
 */
export const RECORDS_LOCKED = hold("maintenance-records");

/** The folder for records that are being written. */
const NEW = `${FOLDER}/.new`;

const INTO_PLACE = intoPlace(`"${FOLDER}/.$1"`, `"${FOLDER}/$1"`);

/**
 * Writes records, before the weights are changed. What a record has of a place already stays. However many they are, the host runs
 * the same few programs.
 */
export function remember(records: readonly Maintenance[]): Command {
  return {
    ...sh(
      `${RECORDS_LOCKED}
      there='' new=''
      for name; do
        [ ! -e "${FOLDER}/$name" ] || there="$there ${FOLDER}/$name"
        new="$new ${NEW}/$name"
      done
      # shellcheck disable=SC2086 # The names are addresses and sites.
      mkdir -p ${NEW} && awk -F'|' '
        !told { name = FILENAME; sub(".*/", "", name); was[name, $1, $2] = $0; next }
        { print ($1, $2, $3) in was ? was[$1, $2, $3] : substr($0, length($1) + 2) >("${NEW}/" $1) }' $there told=1 - &&
      sync $new && mv -f -t ${FOLDER} $new && rm -r ${NEW} && sync ${FOLDER}`,
      ...records.map(recordName),
    ),
    stdin: linesOf(records, lineOf),
  };
}

/** Places with the names of their records, a line each. */
function linesOf(records: readonly Maintenance[], words: (place: Place) => string): string {
  return records.flatMap((one) => one.places.map((place) => `${recordName(one)}|${words(place)}\n`)).join("");
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
 * Takes places out of records. With its last one go a record, the note beside it, and what lasts as long as they do. Somebody else
 * may have taken out the other places, or have ended the whole maintenance.
 *
 * @param records the places that go, by record
 * @param last shell: what ends with records, whose names are its arguments
 */
export function forgetPlaces(records: readonly Maintenance[], last = ":"): Command {
  return {
    ...sh(
      `${RECORDS_LOCKED}
      there='' left=''
      for name; do [ ! -e "${FOLDER}/$name" ] || there="$there ${FOLDER}/$name"; done
      if [ -n "$there" ]; then
        # shellcheck disable=SC2086 # The names are addresses and sites.
        mkdir -p ${NEW} && left=$(awk -F'|' '
          !told { goes[$1, $2, $3]; next }
          { name = FILENAME; sub(".*/", "", name) }
          !((name, $1, $2) in goes) { print >("${NEW}/" name); if (!(name in left)) { left[name]; printf "%s ", name } }' - told=1 $there) || exit 1
        for name in $left; do ${intoPlace(`"${NEW}/$name"`, `"${FOLDER}/$name"`)} || exit 1; done
      fi
      for name; do
        shift
        case " $left" in *" $name "*) ;; *) set -- "$@" "$name";; esac
      done
      if [ $# = 0 ]; then rm -r ${NEW}; exit; fi
      ( ${last} ) || exit 1
      for name; do shift; set -- "$@" "${FOLDER}/$name" "${FOLDER}/.$name" "${FOLDER}/.$name.why"; done
      rm -rf ${NEW} "$@"
      rmdir -p --ignore-fail-on-non-empty ${FOLDER} 2>/dev/null
      ${forGood(`${FOLDER}/it`)}`,
      ...records.map(recordName),
    ),
    stdin: linesOf(records, placeName),
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
