import type { Command } from "../../host/command";
import { around, inShell } from "../../host/shell";
import { giveUpVrrp } from "../../linux/vrrp";
import { type OperatorNote, VRRP_STATES } from "../../model";
import { startTimer } from "../../reconcile/host-timer";

/** Seconds in which clients that have begun a connection end its handshake. */
const HANDSHAKE = 0.5;

/**
 * Shell: IPVS defends itself as before, once the instance is not MASTER any more, or still is after five seconds. What somebody has set
 * meanwhile stays.
 */
const GO_ON = `n=0; while grep -qs "^MASTER" "$1" && [ $n -lt 50 ]; do n=$((n + 1)); sleep 0.1; done
cd /proc/sys/net/ipv4/vs && now=$(cat drop_packet) && each=$(cat am_droprate) || exit 0
[ "$each" != 1 ] || echo "$2" >am_droprate
[ "$now" != 3 ] || echo "$3" >drop_packet`;

/**
 * Shell: where the instance "$1" is MASTER, IPVS drops each packet that would begin a connection (IPVS's own defence, `drop_packet` 3
 * with the rate 1: kernel.org, "IPvs-sysctl"), from half a second before the instance is given up until it is not MASTER any more. A
 * client's TCP sends what is dropped again after a second, and then another director has taken over. Connections that are there go on.
 * The mode is read first and put back last: where it is not 3, the rate is the one that was found.
 * dash's own `read` asks for a byte at a time, and of a file of /proc/sys the kernel gives the first one alone: `cat` reads them.
 * The timer is for a run that is killed before `go_on`. A systemd that reloads may forget a timer.
 */
const NONE_BEGINS = `state="${VRRP_STATES}/$1" vs=/proc/sys/net/ipv4/vs defence=
none_begins() {
  grep -qs '^MASTER' "$state" && [ -e $vs/drop_packet ] || return
  defence=$(cat $vs/drop_packet) && [ "$defence" != 3 ] && rate=$(cat $vs/am_droprate) || { defence=; return; }
  mark=lvs-handover-$$ patience=1
  ${startTimer(GO_ON, '"$state" "$rate" "$defence"')} || { defence=; return; }
  echo 1 >$vs/am_droprate && echo 3 >$vs/drop_packet && sleep ${HANDSHAKE}
}
go_on() (
  set -- "$state" "$rate" "$defence"
  ${GO_ON}
)`;

/**
 * An instance of VRRP is given up on this host, with a note of why. A connection in its handshake is not told of to the other
 * directors, which would reset it: where this director serves, none is in it when another one takes over.
 */
export function giveUp(instance: string, note: OperatorNote): Command {
  const given = giveUpVrrp(instance, note);
  const script = `${NONE_BEGINS}
none_begins
${inShell(given)}
r=$?; [ $r = 0 ] || state=
[ -z "$defence" ] || go_on
exit $r`;
  return around(given, script, instance);
}
