import { type Command, sh } from "../host/command";
import { answered, type Fact, printed } from "../host/fact";
import { REMOVED_FOR_GOOD } from "../host/shell";
import { givenUpFile, KEEPALIVED, type OperatorNote, readNote, VRRP_PARTS, VRRP_STATES } from "../model";
import { fragmentsOf } from "../reconcile/boot";
import { ACTIVE } from "./active";
import { place } from "./placing";

/** What an instance of keepalived says of itself. */
export interface VrrpState {
  /** MASTER, BACKUP, FAULT; STOPPED where keepalived does not run; UNKNOWN where the instance has not said anything yet. */
  readonly state: string;
  /** The time of the last change, as in ISO 8601. */
  readonly since?: string;
  /** An operator has given the instance up on this host. */
  readonly givenUp?: Partial<OperatorNote>;
}

/** The state that an instance has noted by its notify script, and whether an operator has given the instance up. */
export function vrrpState(instance: string): Fact<VrrpState> {
  const ask = sh(
    `${ACTIVE}
    if active ${KEEPALIVED}; then cat "${VRRP_STATES}/$1" 2>/dev/null || echo; else echo STOPPED; fi
    ! grep -qs '^1' "$2" || { echo given up; sed -n 2p "$2"; }`,
    instance,
    givenUpFile(instance),
  );
  return answered(`what keepalived says of ${instance}`, ask, (text) => {
    const [said, given, note = ""] = text.split("\n").map((line) => line.trim());
    const [, state = "UNKNOWN", seconds] = /^([A-Z]+)(?: (\d{1,12}))?$/.exec(said ?? "") ?? [];
    return {
      state,
      ...(seconds && { since: new Date(Number(seconds) * 1000).toISOString() }),
      ...(given === "given up" && { givenUp: readNote(note) }),
    };
  });
}

/** The lines of an instance's file that say an address and its interface, for sed(1). */
const FLOATING = "s|^ *\\([0-9A-Fa-f.:]*\\)/[0-9]* dev \\([^ ]*\\)$|\\1 \\2|p";

/**
 * Whether an instance has this address here now: keepalived puts the address back where somebody removes it. An instance that stands
 * by leaves the address alone.
 *
 * @param standingBy one that stands by counts, too
 */
export function hasFloating(address: string, device: string, standingBy = false): Fact<boolean> {
  const ask = sh(
    `${ACTIVE}
    active ${KEEPALIVED} && cd ${VRRP_PARTS} 2>/dev/null || exit 0
    grep -ls -E -- "^ +$1/[0-9]+ dev $2$" *.conf | while read -r part; do
      [ -n "$3" ] || grep -qs '^MASTER' "${VRRP_STATES}/\${part%.conf}" || continue
      echo floats
    done`,
    address.replaceAll(".", "[.]"),
    device,
    standingBy ? "too" : "",
  );
  return answered(`whether ${address} floats`, ask, (text) => text !== "");
}

/** Shell: prints the boot files of aliases that are declared here of addresses that float in the instance `$1`. */
const ALIASES = `part="${VRRP_PARTS}/$1.conf"
    aliases() {
      cat "$part" "$part.leaving" 2>/dev/null | sed -n '${FLOATING}' | while read -r address device; do
        grep -ls -E -- " $address/[0-9]+ (.* )?dev $device( |$)" ${fragmentsOf(20, "VipAlias")} || :
      done
    }`;

/** Whether aliases are declared here of addresses that float in an instance: the cluster has one director again. */
export function hasAliases(instance: string): Fact<boolean> {
  return printed(sh(`${ALIASES}\n    aliases`, instance), (text) => text !== "");
}

/**
 * Has keepalived forget an instance, and brings its addresses back at once by the aliases that are declared of them. The instance's
 * file goes: the next reload, of another instance, would bring the instance back. So does what it has said of its state.
 */
export function endInstance(instance: string): Command {
  const script = `${ALIASES}
    state="${VRRP_STATES}/$1"
    said() { cut -d' ' -f1 "$state" 2>/dev/null; }
    files=$(aliases) was=$(said)
    [ ! -e "$part" ] || mv -fT "$part" "$part.leaving" || exit 1
    systemctl try-reload-or-restart ${KEEPALIVED}
    n=0; until [ "$(said)" != MASTER ] && [ "$(said)" != BACKUP ] && { [ "$was" != FAULT ] || [ $n -ge 20 ]; }; do
      n=$((n + 1)); sleep 0.1
      [ $n -lt 100 ] || { mv -fT "$part.leaving" "$part"; echo "keepalived goes on with it" >&2; exit 1; }
    done
    running=; for file in $files; do sh "$file" & running="$running $!"; done
    r=0; for one in $running; do wait "$one" || r=1; done
    [ $r = 0 ] && rm -f "$part.leaving" "$state"`;
  return sh(script, instance);
}

/**
 * keepalived sees the note at once, and at every start: the instance is unfit while the note is there. A director that is about to begin
 * has no folder for it yet.
 */
export function giveUpVrrp(instance: string, note: OperatorNote): Command {
  return place({
    path: givenUpFile(instance),
    content: `1\n${JSON.stringify(note)}\n`,
    ...{ owner: "root:root", mode: "0644" },
  });
}

/** Whether there is an instance's file, so that keepalived has it, or will have it once it starts. */
export function hasInstance(instance: string): Fact<boolean> {
  return printed(sh('[ ! -e "$1" ] || echo there', `${VRRP_PARTS}/${instance}.conf`), (text) => text !== "");
}

export function takeBackVrrp(instance: string): Command {
  return sh(REMOVED_FOR_GOOD, givenUpFile(instance));
}

/** Brings an instance back that this one has given up, and not one that somebody else has given up since. */
export function takeBackFrom(by: string, instance: string): Command {
  return sh(`! grep -qs '"by":"'"$2"'"' "$1" || { ${REMOVED_FOR_GOOD}; }`, givenUpFile(instance), by);
}
