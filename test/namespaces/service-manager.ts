import type { Host } from "./host";

// A host of this tier has no systemd. This one starts what ExecStart says, as User and with EnvironmentFile, in WorkingDirectory,
// and knows the verbs that a rollout needs. Words of ExecStart are in quotes.
const SYSTEMCTL = `#!/bin/bash
words=(); now=
for word; do case $word in --now) now=1;; -*) ;; *) words+=("$word");; esac; done
verb=\${words[0]} unit=\${words[1]}
file=/etc/systemd/system/$unit pid=/run/units/$unit.pid wanted=/run/units/$unit.wanted
mkdir -p /run/units
value() { sed -n "s/^$1=//p" "$file"; }
# A host's first process reaps nobody.
alive() { [ -e "$pid" ] && grep -qs '^State:.[^ZX]' "/proc/$(cat "$pid")/status"; }
stop() { alive && kill "$(cat "$pid")" && while alive; do sleep 0.05; done; rm -f "$pid"; }
start() (
  [ -e "$file" ] || { echo "Unit $unit not found." >&2; exit 5; }
  set -a; . "$(value EnvironmentFile)"; set +a
  cd "$(value WorkingDirectory)" || exit 200
  user=$(value User)
  eval "exec setsid setpriv --reuid=$user --regid=$user --init-groups -- $(value ExecStart)" >>/run/units/$unit.log 2>&1 &
  echo $! >"$pid"
)
case $verb in
restart|start) stop; start;;
stop) stop;;
disable) rm -f "$wanted"; [ -z "$now" ] || stop; :;;
enable) : >"$wanted";;
is-enabled) [ -e "$wanted" ];;
is-active) if alive; then [[ " $* " == *" -q "* ]] || echo active; else [[ " $* " == *" -q "* ]] || echo failed; exit 3; fi;;
daemon-reload|reset-failed|status) ;;
*) echo "systemctl: $verb" >&2; exit 64;;
esac`;

const JOURNALCTL = `#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" != -u ] || unit=$2; shift; done
tail -n 15 "/run/units/$unit.log" 2>/dev/null || :`;

export async function manageServices(host: Host): Promise<void> {
  for (const [name, text] of Object.entries({ systemctl: SYSTEMCTL, journalctl: JOURNALCTL }))
    await host.run(`cat >/usr/local/bin/${name}; chmod 755 /usr/local/bin/${name}`, text);
}
