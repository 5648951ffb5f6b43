import { type Command, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { forGood, hold, intoPlace } from "../host/shell";

/**
 * Kernel switches that things of ours need to be on (1) for a while, several of them at the same time perhaps. The host
 * remembers what was found before the first and who still needs it; the last to give it back puts it as it was found.
 */
const FOLDER = "/var/lib/lvs/borrowed";

const LOCKED = hold("borrowed");
const PATHS = `folder=${FOLDER}/$1 value=/proc/sys/$(printf %s "$1" | tr . /)`;

/** Switches it on. A kernel that has no such switch does not need it. */
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

/** No longer needs it. What somebody set to something else by hand meanwhile stays. */
export function switchBack(key: string, holder: string): Command {
  return sh(
    `${LOCKED}
    ${PATHS}
    if [ "$(ls "$folder" 2>/dev/null)" = "$2" ]; then
      if [ -e "$folder/.found" ] && [ "$(cat "$value" 2>/dev/null)" = 1 ]; then cat "$folder/.found" >"$value" || exit 1; fi
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
  return printed(ask, (said) => said.split("\n").filter((line) => line !== ""));
}
