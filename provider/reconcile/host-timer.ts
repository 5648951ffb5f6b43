import { quote } from "../host/shell";

// A timer on a host, which acts also where nobody is left to tell it so. After a reboot there is none.

/**
 * Shell: starts a timer that runs a script after `$patience` seconds. With systemd the timer is the transient unit `$mark`.
 *
 * @param words shell: the arguments of the script
 */
export function startTimer(script: string, words: string): string {
  // Without AccuracySec a timer may be a minute late (systemd.timer(5)).
  return `if [ -d /run/systemd/system ]; then
  systemd-run -q --collect --unit="$mark" --on-active="$patience" --timer-property=AccuracySec=1s \\
    /bin/sh -c ${quote(script)} sh ${words}
else
  setsid sh -c ${quote(`patience=$1; shift; sleep "$patience"\n${script}`)} sh "$patience" ${words} </dev/null >/dev/null 2>&1 &
fi`;
}

/**
 * Shell: stops the transient timer $mark, if there is one. systemd may be too busy to answer in time, and a stop that is lost there
 * leaves a timer that does nothing. Exit 5: there is no such timer. A systemd that is told to reload at this moment forgets the
 * timer and leaves its file (systemd.unit(5), "Unit File Load Path").
 */
export const STOP_TIMER = `stopped() { systemctl stop "$mark.timer" 2>/dev/null; case $? in 0|5) ;; *) return 1;; esac; }
if [ -d /run/systemd/system ] && [ -n "$mark" ]; then
  { stopped || stopped || stopped; } && rm -f "/run/systemd/transient/$mark.timer" "/run/systemd/transient/$mark.service" || :
fi`;
