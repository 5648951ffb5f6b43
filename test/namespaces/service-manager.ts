// A systemctl for hosts of namespaces, which have no systemd. The script starts the command of ExecStart, with User,
// EnvironmentFile and WorkingDirectory. The script knows the verbs and properties that the product needs. Words of
// ExecStart stand in quotes. Units of packages and their drop-ins count, too. The script reads units anew each time.
const SYSTEMCTL = `#!/bin/bash
words=(); now= quiet= bare=
for word; do case $word in --now) now=1;; -q) quiet=1;; --value) bare=1;; -*) ;; *) words+=("$word");; esac; done
verb=\${words[0]} unit=\${words[-1]}
case $unit in *.*) ;; *) unit=$unit.service;; esac
shopt -s nullglob
files=()
for file in {/usr/lib,/etc}/systemd/system/$unit /etc/systemd/system/$unit.d/*.conf; do [ ! -e "$file" ] || files+=("$file"); done
# What a drop-in says comes last.
value() { [ \${#files[@]} = 0 ] || sed -n "s/^$1=//p" "\${files[@]}" | tail -n 1; }
mkdir -p /run/units
pid=$(value PIDFile) wanted=/run/units/$unit.wanted log=/run/units/$unit.log
pid=\${pid:-/run/units/$unit.pid}
# A host's first process reaps nobody.
alive() { [ -e "$pid" ] && grep -qs '^State:.[^ZX]' "/proc/$(cat "$pid")/status"; }
stop() { alive && halt && while alive; do sleep 0.05; done; rm -f "$pid"; eval "$(value ExecStopPost)"; }
# SIGKILL goes to all processes of the unit.
halt() { case $(value KillSignal) in SIGKILL) eval "$(value ExecStop)"; kill -KILL -- "-$(cat "$pid")";; *) kill "$(cat "$pid")";; esac; }
start() (
  [ \${#files[@]} -gt 0 ] || { echo "Unit $unit not found." >&2; exit 5; }
  variable=$(value Environment | sed 's/^"\\(.*\\)"$/\\1/') environment=$(value EnvironmentFile) user=$(value User) folder=$(value WorkingDirectory)
  # A file that begins with - may be absent.
  [ -z "$environment" ] || [ ! -e "\${environment#-}" ] || { set -a; . "\${environment#-}"; set +a; }
  [ -z "$variable" ] || export "$variable"
  cd "\${folder:-/}" || exit 200
  exec </dev/null >>"$log" 2>&1
  # systemd makes one dollar sign of two.
  eval "$(value ExecStartPre | sed 's/[$][$]/$/g')" || exit 1
  if [ "$(value Type)" = forking ]; then
    eval "$(value ExecStart)" || exit
    for n in {1..200}; do ! alive || exit 0; sleep 0.05; done
    exit 1
  fi
  [ -z "$user" ] || as="setpriv --reuid=$user --regid=$user --init-groups --"
  eval "exec setsid $as $(value ExecStart)" &
  echo $! >"$pid"
)
reload() { if alive && [ -n "$(value ExecReload)" ]; then MAINPID=$(cat "$pid"); eval "$(value ExecReload)"; else stop; start; fi; }
tell() { [ -n "$quiet" ] || echo "$1"; }
case $verb in
restart|start) stop; start;;
reload-or-restart) reload;;
try-restart) ! alive || { stop; start; };;
try-reload-or-restart) ! alive || reload;;
stop) stop; :;;
disable) rm -f "$wanted"; [ -z "$now" ] || stop; :;;
enable) : >"$wanted"; [ -z "$now" ] || alive || start;;
is-enabled) if [ -e "$wanted" ]; then tell enabled; else tell disabled; exit 1; fi;;
is-active) if alive; then tell active; else tell failed; exit 3; fi;;
show) for property in "\${words[@]:1:\${#words[@]}-2}"; do
    case $property in
    LoadState) if [ \${#files[@]} = 0 ]; then is=not-found; else is=loaded; fi;;
    ActiveState) if alive; then is=active; else is=inactive; fi;;
    MainPID) if alive; then is=$(cat "$pid"); else is=0; fi;;
    NeedDaemonReload) is=no;;
    esac
    [ -n "$bare" ] || printf %s= "$property"
    echo "$is"
  done;;
daemon-reload|reset-failed|status) ;;
*) echo "systemctl: $verb" >&2; exit 64;;
esac`;

const JOURNALCTL = `#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" != -u ] || unit=$2; shift; done
tail -n 15 "/run/units/$unit.log" 2>/dev/null || :`;

export async function manageServices(host: { run(script: string, input: string): Promise<string> }): Promise<void> {
  for (const [name, text] of Object.entries({ systemctl: SYSTEMCTL, journalctl: JOURNALCTL }))
    await host.run(`cat >/usr/local/bin/${name}; chmod 755 /usr/local/bin/${name}`, text);
}
