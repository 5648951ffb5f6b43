// A systemctl for hosts of namespaces, which have no systemd. The script starts the command of ExecStart, with User,
// EnvironmentFile and WorkingDirectory. The script knows the verbs and properties that the product needs. Words of
// ExecStart stand in quotes. Units of packages and their drop-ins count, too. The script reads units anew each time.
// It starts no program to look, because programs are what takes time on the hosts of the tier kernel.
const SYSTEMCTL = `#!/bin/bash
words=(); now= quiet= bare=
for word; do case $word in --now) now=1;; -q) quiet=1;; --value) bare=1;; -*) ;; *) words+=("$word");; esac; done
verb=\${words[0]} unit=\${words[-1]}
case $unit in *.*) ;; *) unit=$unit.service;; esac
shopt -s nullglob
files=()
for file in {/usr/lib,/etc}/systemd/system/$unit /etc/systemd/system/$unit.d/*.conf; do [ ! -e "$file" ] || files+=("$file"); done
# What a drop-in says comes last.
declare -A of
for file in "\${files[@]}"; do
  mapfile -t lines <"$file"
  for line in "\${lines[@]}"; do [[ $line != [A-Z]*=* ]] || of[\${line%%=*}]=\${line#*=}; done
done
[ -d /run/units ] || mkdir -p /run/units
pid=\${of[PIDFile]} wanted=/run/units/$unit.wanted log=/run/units/$unit.log
pid=\${pid:-/run/units/$unit.pid}
# A host's first process reaps nobody.
alive() {
  main=
  [ -e "$pid" ] && read -r main <"$pid"
  [ -n "$main" ] || return
  while read -r line; do [[ $line != State:* ]] || { [[ $line != State:?[ZX]* ]]; return; }; done <"/proc/$main/status"
  false
} 2>/dev/null
stop() { alive && halt && while alive; do sleep 0.05; done; rm -f "$pid"; eval "\${of[ExecStopPost]}"; }
# SIGKILL goes to all processes of the unit.
halt() { case \${of[KillSignal]} in SIGKILL) eval "\${of[ExecStop]}"; kill -KILL -- "-$main";; *) kill "$main";; esac; }
start() (
  [ \${#files[@]} -gt 0 ] || { echo "Unit $unit not found." >&2; exit 5; }
  variable=\${of[Environment]} environment=\${of[EnvironmentFile]} user=\${of[User]} folder=\${of[WorkingDirectory]}
  case $variable in '"'*'"') variable=\${variable#?} variable=\${variable%?};; esac
  # A file that begins with - may be absent.
  [ -z "$environment" ] || [ ! -e "\${environment#-}" ] || { set -a; . "\${environment#-}"; set +a; }
  [ -z "$variable" ] || export "$variable"
  cd "\${folder:-/}" || exit 200
  exec </dev/null >>"$log" 2>&1
  # systemd makes one dollar sign of two.
  two='$$' one='$'
  pre=\${of[ExecStartPre]//"$two"/$one}
  # A command that begins with - may fail.
  eval "\${pre#-}" || [[ $pre == -* ]] || exit 1
  if [ "\${of[Type]}" = forking ]; then
    eval "\${of[ExecStart]}" || exit
    for n in {1..200}; do ! alive || exit 0; sleep 0.05; done
    exit 1
  fi
  [ -z "$user" ] || as="setpriv --reuid=$user --regid=$user --init-groups --"
  eval "exec setsid $as \${of[ExecStart]}" &
  echo $! >"$pid"
)
reload() { if alive && [ -n "\${of[ExecReload]}" ]; then MAINPID=$main; eval "\${of[ExecReload]}"; else stop; start; fi; }
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
    MainPID) if alive; then is=$main; else is=0; fi;;
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
