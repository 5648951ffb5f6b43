import { type Command, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { forGood, hold, intoPlace } from "../host/shell";

/**
 * The folder in which a host keeps a record of the kernel switches that our things have set to 1 for a while. Several things
 * may need one switch at the same time; each is a holder of the switch. The record has the value that was found before the
 * first holder, and the names of the holders. The last holder puts the found value back.
 */
const FOLDER = "/var/lib/lvs/borrowed";

const LOCKED = hold("borrowed");
const PATHS = `folder=${FOLDER}/$1 value=/proc/sys/$(printf %s "$1" | tr . /)`;

/** Switches on for a holder. A kernel without the switch does not need it, so its absence is no error. */
export function switchOn(key: string, holder: string): Command {
  return sh(
    `${LOCKED}
    ${PATHS}
    [ -e "$value" ] || exit 0
    mkdir -p "$folder" && : >"$folder/$2" &&
    { [ -e "$folder/.found" ] || { cat "$value" >"$folder/.new" && ${intoPlace('"$folder/.new"', '"$folder/.found"')}; }; } &&
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
      rm -f "$folder/.found" "$folder/.new"
    fi
    rm -f "$folder/$2"; rmdir -p --ignore-fail-on-non-empty "$folder" 2>/dev/null; ${forGood('"$folder/$2"')}`,
    key,
    holder,
  );
}

/** The switches that this holder has on. */
export function switchesOnFor(holder: string): Fact<string[]> {
  const ask = sh(`cd ${FOLDER} 2>/dev/null && for key in *; do [ ! -e "$key/$1" ] || echo "$key"; done || :`, holder);
  return printed(ask, (output) => output.split("\n").filter((line) => line !== ""));
}
