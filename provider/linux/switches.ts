import { type Command, sh } from "../host/command";
import { type Fact, map, printed } from "../host/fact";
import { forGood, hold, intoPlace } from "../host/shell";

/**
 * The folder in which a host keeps a record of the kernel switches that our things have set to 1 for a while. Several things
 * may need one switch at the same time; each is a holder of the switch. The record has the value that was found before the
 * first holder, and the names of the holders. The last holder puts the found value back. Until then a file in sysctl.d brings
 * the switch back at boot.
 */
const FOLDER = "/var/lib/lvs/borrowed";

const LOCKED = hold("borrowed");
const PATHS = `folder=${FOLDER}/$1 value=/proc/sys/$(printf %s "$1" | tr . /) boot=/etc/sysctl.d/zz-lvs-borrowed-$1.conf`;

/** Switches on for a holder. A kernel without the switch does not need it, so its absence is no error. */
export function switchOn(key: string, holder: string): Command {
  return sh(
    `${LOCKED}
    ${PATHS}
    [ -e "$value" ] || exit 0
    mkdir -p "$folder" && : >"$folder/$2" &&
    { [ -e "$folder/.found" ] || { cat "$value" >"$folder/.new" && ${intoPlace('"$folder/.new"', '"$folder/.found"')}; }; } &&
    { [ -s "$boot" ] || { mkdir -p "\${boot%/*}" && echo "$1 = 1" >"$boot.new" && ${intoPlace('"$boot.new"', '"$boot"')}; }; } &&
    echo 1 >"$value"`,
    key,
    holder,
  );
}

/** Ends a holder's need of the switch. A value that somebody set by hand meanwhile stays. */
export function switchBack(key: string, holder: string): Command {
  return sh(
    `${LOCKED}
    ${PATHS}
    if [ "$(ls "$folder" 2>/dev/null)" = "$2" ]; then
      if [ -e "$folder/.found" ] && [ "$(cat "$value" 2>/dev/null)" = 1 ]; then
        [ -s "$folder/.found" ] || {
          echo "$folder/.found, the value that was found, is empty: did the host lose power? Write the value there, 0 by default" >&2
          exit 1
        }
        cat "$folder/.found" >"$value" || exit 1
      fi
      rm -f "$boot" "$boot.new" && ${forGood('"$boot"')} || exit 1
      rm -f "$folder/.found" "$folder/.new"
    fi
    rm -f "$folder/$2"; rmdir -p --ignore-fail-on-non-empty "$folder" 2>/dev/null; ${forGood('"$folder/$2"')}`,
    key,
    holder,
  );
}

/** What a holder needs. */
export interface HeldSwitches {
  readonly keys: readonly string[];
  /** The switches that are off all the same: after a reboot, or by hand. */
  readonly off: readonly string[];
}

export function heldSwitches(holder: string): Fact<HeldSwitches> {
  const script = `cd ${FOLDER} 2>/dev/null || exit 0
    for key in *; do
      [ -e "$key/$1" ] || continue
      value=/proc/sys/$(printf %s "$key" | tr . /)
      if [ ! -e "$value" ] || [ "$(cat "$value")" != 0 ]; then echo "$key"; else echo "$key off"; fi
    done`;
  return printed(sh(script, holder), (output) => {
    const lines = output.split("\n").filter((line) => line !== "");
    const of = (list: readonly string[]) => list.map((line) => line.split(" ")[0] as string);
    return { keys: of(lines), off: of(lines.filter((line) => line.endsWith(" off"))) };
  });
}

/** The switches that a holder needs on. */
export function switchesOnFor(holder: string): Fact<readonly string[]> {
  return map(heldSwitches(holder), ({ keys }) => keys);
}
