import type { Command } from "../../host/command";
import { around, inShell } from "../../host/shell";
import { giveUpVrrp } from "../../linux/vrrp";
import { type OperatorNote, VRRP_STATES } from "../../model";
import { startTimer } from "../../reconcile/host-timer";

/** Seconds in which clients that have begun a connection end its handshake. */
const HANDSHAKE = 0.5;

/** Shell: IPVS defends itself as before, once the instance is not MASTER any more, or still is after five seconds. */
const GO_ON = `n=0; while grep -qs "^MASTER" "$1" && [ $n -lt 50 ]; do n=$((n + 1)); sleep 0.1; done
cd /proc/sys/net/ipv4/vs && echo "$2" >am_droprate && echo "$3" >drop_packet`;

/**
 * Shell: where the instance "$1" is MASTER, IPVS drops each packet that would begin a connection (IPVS's own defence, `drop_packet` 3
 * with the rate 1: kernel.org, "IPvs-sysctl"), from half a second before the instance is given up until it is not MASTER any more. A
 * client's TCP sends what is dropped again after a second, and then another director has taken over. Connections that are there go on.
 *
 * `read` of dash asks for one byte after the other, and a file of /proc/sys has an answer to the first alone. The mode is read first: where it
 * is not 3, the rate that `GO_ON` puts back before it is there again.
 */
const NONE_BEGINS = `state="${VRRP_STATES}/$1"
none_begins() {
  grep -qs '^MASTER' "$state" && cd /proc/sys/net/ipv4/vs 2>/dev/null || return 0
  mode=$(cat drop_packet) && [ "$mode" != 3 ] && rate=$(cat am_droprate) || return 0
  mark=lvs-handover-$$ patience=1
  ${startTimer(GO_ON, '"$state" "$rate" "$mode"')} || return 0
  echo 1 >am_droprate && echo 3 >drop_packet && sleep ${HANDSHAKE}
}`;

/**
 * An instance of VRRP is given up on this host, with a note of why. A connection in its handshake is not told of to the other
 * directors, which would reset it: where this director serves, none is in it when another one takes over.
 */
export function giveUp(instance: string, note: OperatorNote): Command {
  const given = giveUpVrrp(instance, note);
  return around(given, `${NONE_BEGINS}\n(none_begins) || :\n${inShell(given)}`, instance);
}
