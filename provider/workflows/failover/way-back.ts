import { randomBytes } from "node:crypto";
import { type Command, sh } from "../../host/command";
import { type Fact, printed } from "../../host/fact";
import { inShell, LOCKS, LOCKS_THERE } from "../../host/shell";
import { takeBackFrom } from "../../linux/vrrp";
import { KEEPALIVED } from "../../model";
import { STOP_TIMER, startTimer } from "../../reconcile/host-timer";

// A director that a check takes away comes back by itself, also where the check is killed: its host has a timer for that.

/** Seconds after which a director that is away comes back by itself. Another one takes over within 20 s, or not at all. */
export const ABSENCE = 60;

/** By whom a note of a check is. */
export const CHECK = "TrafficCheck";

/** The file names the timer. Whoever renames it decides. After a reboot it is gone, and so is the timer. */
function markOf(instance: string): string {
  return `${LOCKS}/absence.${instance}`;
}

const FIRE = `[ "$(cat "$1" 2>/dev/null)" = "$2" ] && mv "$1" "$1.over" || exit 0
eval "$3"
rm -f "$1.over"`;

const ARM = `file=$1 mark=$2 back=$3 patience=$4
${LOCKS_THERE} && echo "$mark" >"$file" || exit 1
${startTimer(FIRE, '"$file" "$mark" "$back"')}`;

/** The host brings the director back by this command after a while, unless it is back before. */
export function armWayBack(instance: string, back: Command): Command {
  const timer = `lvs-absence-${randomBytes(6).toString("hex")}`;
  return sh(ARM, markOf(instance), timer, inShell(back), String(ABSENCE));
}

/** The director is back. */
export function disarmWayBack(instance: string): Command {
  return sh(
    `mark=$(cat "$1" 2>/dev/null) && mv "$1" "$1.over" || exit 0
${STOP_TIMER}
rm -f "$1.over"`,
    markOf(instance),
  );
}

/** Whether a check has taken the director away, and its host has not brought it back yet. */
export function isAway(instance: string): Fact<boolean> {
  return printed(sh('ls "$1" "$1.over" 2>/dev/null || :', markOf(instance)), (text) => text !== "");
}

/** Brings an instance back that a check has given up, and not one that an operator has given up since. */
export function takeBackFromCheck(instance: string): Command {
  return takeBackFrom(CHECK, instance);
}

/** Starts a keepalived that a check has stopped. */
export const START: Command = { argv: ["systemctl", "start", KEEPALIVED] };
