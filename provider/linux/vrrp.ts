import { type Command, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { INPUT_INTO_PLACE, REMOVED_FOR_GOOD } from "../host/shell";
import { givenUpFile, KEEPALIVED, type OperatorNote, readNote, VRRP_PARTS, VRRP_STATES } from "../model";

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
    `if systemctl -q is-active ${KEEPALIVED}; then cat "${VRRP_STATES}/$1" 2>/dev/null || echo; else echo STOPPED; fi
    ! grep -qs '^1' "$2" || { echo given up; sed -n 2p "$2"; }`,
    instance,
    givenUpFile(instance),
  );
  return printed(ask, (text) => {
    const [said, given, note = ""] = text.split("\n").map((line) => line.trim());
    const [, state = "UNKNOWN", seconds] = /^([A-Z]+)(?: (\d{1,12}))?$/.exec(said ?? "") ?? [];
    return {
      state,
      ...(seconds && { since: new Date(Number(seconds) * 1000).toISOString() }),
      ...(given === "given up" && { givenUp: readNote(note) }),
    };
  });
}

/**
 * Whether an instance has this address here now: keepalived puts the address back where somebody removes it. An instance that stands
 * by leaves the address alone.
 */
export function hasFloating(address: string, device: string): Fact<boolean> {
  const ask = sh(
    `systemctl -q is-active ${KEEPALIVED} 2>/dev/null && cd ${VRRP_PARTS} 2>/dev/null || exit 0
    grep -ls -E -- "^ +$1/[0-9]+ dev $2$" *.conf | while read -r part; do
      ! grep -qs '^MASTER' "${VRRP_STATES}/\${part%.conf}" || echo floats
    done`,
    address.replaceAll(".", "[.]"),
    device,
  );
  return printed(ask, (text) => text !== "");
}

/** keepalived sees the note at once, and at every start: the instance is unfit while the note is there. */
export function giveUpVrrp(instance: string, note: OperatorNote): Command {
  return {
    ...sh(INPUT_INTO_PLACE, givenUpFile(instance)),
    stdin: `1\n${JSON.stringify(note)}\n`,
  };
}

export function takeBackVrrp(instance: string): Command {
  return sh(REMOVED_FOR_GOOD, givenUpFile(instance));
}
