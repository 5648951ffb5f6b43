import { type Command, inline, sh } from "../host/command";
import { type Fact, map, printed } from "../host/fact";
import { forGood, hold, inFolder, intoPlace } from "../host/shell";

/**
 * The folder in which a host keeps a record of the kernel switches that our things have set to 1 for a while. Several things
 * may need one switch at the same time; each is a holder of the switch. The record has the value that was found before the
 * first holder, and the names of the holders. The last holder puts the found value back. Until then a file in sysctl.d brings
 * the switch back at boot.
 */
const FOLDER = "/var/lib/lvs/borrowed";

const LOCKED = hold("borrowed");
/** Shell: sets `value` to the file of the switch `$key`. No program is started for that. */
const VALUE = `value=/proc/sys dots=$key.; while [ -n "$dots" ]; do value=$value/\${dots%%.*} dots=\${dots#*.}; done`;
const PATHS = `key=$1 folder=${FOLDER}/$1 boot=/etc/sysctl.d/zz-lvs-borrowed-$1.conf; shift; ${VALUE}`;

/** Switches on for holders. A kernel without the switch does not need it, so its absence is no error. */
export function switchOn(key: string, ...holders: readonly string[]): Command {
  return sh(
    `${LOCKED}
    ${PATHS}
    [ -e "$value" ] || exit 0
    mkdir -p "$folder" || exit 1
    for holder; do : >"$folder/$holder" || exit 1; done
    { [ -e "$folder/.found" ] || { cat "$value" >"$folder/.new" && ${intoPlace('"$folder/.new"', '"$folder/.found"')}; }; } &&
    { [ -s "$boot" ] || { mkdir -p "\${boot%/*}" && echo "$key = 1" >"$boot.new" && ${intoPlace('"$boot.new"', '"$boot"')}; }; } &&
    echo 1 >"$value"`,
    key,
    ...holders,
  );
}

/**
 * Shell: ends the need that holders have of a switch. `$1` is the switch, the holders follow. A value that somebody set by hand
 * meanwhile stays.
 */
export const SWITCH_BACK = `${LOCKED}
    ${PATHS}
    mine='' others=''
    for one in "$folder"/*; do
      for holder; do [ "$one" != "$folder/$holder" ] || { mine=1; continue 2; }; done
      [ ! -e "$one" ] || others=1
    done
    if [ -n "$mine" ] && [ -z "$others" ]; then
      now=''; [ ! -e "$value" ] || now=$(cat "$value") || exit 1
      if [ -e "$folder/.found" ] && [ "$now" = 1 ]; then
        [ -s "$folder/.found" ] || {
          echo "$folder/.found, the value that was found, is empty: did the host lose power? Write the value there, 0 by default" >&2
          exit 1
        }
        cat "$folder/.found" >"$value" || exit 1
      fi
      rm -f "$boot" "$boot.new" && ${forGood('"$boot"')} || exit 1
      rm -f "$folder/.found" "$folder/.new"
    fi
    for holder; do shift; set -- "$@" "$folder/$holder"; done
    rm -f "$@"; rmdir -p --ignore-fail-on-non-empty "$folder" 2>/dev/null; ${forGood('"$folder/it"')}`;

/** Ends the need that holders have of a switch. */
export function switchBack(key: string, ...holders: readonly string[]): Command {
  return sh(SWITCH_BACK, key, ...holders);
}

/** What a holder needs. */
export interface HeldSwitches {
  readonly keys: readonly string[];
  /** The switches that are off all the same: after a reboot, or by hand. */
  readonly off: readonly string[];
}

export function heldSwitches(holder: string): Fact<HeldSwitches> {
  const script = `for key in *; do
      [ -e "$key/$1" ] || continue
      ${VALUE}
      if [ ! -e "$value" ] || [ "$(cat "$value")" != 0 ]; then echo "$key"; else echo "$key off"; fi
    done`;
  return printed(inline(inFolder(FOLDER, script), holder), (output) => {
    const lines = output.split("\n").filter((line) => line !== "");
    const of = (list: readonly string[]) => list.map((line) => line.split(" ")[0] as string);
    return { keys: of(lines), off: of(lines.filter((line) => line.endsWith(" off"))) };
  });
}

/** The switches that a holder needs on. */
export function switchesOnFor(holder: string): Fact<readonly string[]> {
  return map(heldSwitches(holder), ({ keys }) => keys);
}
