// A systemctl for hosts of namespaces, which have no systemd. The script starts the command of ExecStart, with User,
// EnvironmentFile and WorkingDirectory. The script knows the verbs and properties that the product needs. Words of
// ExecStart stand in quotes. Units of packages and their drop-ins count, too. The script reads units anew each time.
// It starts one program to look, because programs are what takes time on the hosts of the tier kernel: bash takes as long
// there as six others.
const SYSTEMCTL = `#!/bin/sh
now= quiet= bare=
for word; do
  shift
  case $word in --now) now=1;; -q) quiet=1;; --value) bare=1;; -*) ;; *) set -- "$@" "$word";; esac
done
for unit; do :; done
verb=$1 nl='
'
case $unit in *.*) ;; *) unit=$unit.service;; esac
# What a drop-in says comes last.
exists=
for file in "/usr/lib/systemd/system/$unit" "/etc/systemd/system/$unit" "/etc/systemd/system/$unit.d/"*.conf; do
  [ ! -e "$file" ] || exists="$exists $file"
done
left=\${exists:+$(cat $exists)$nl}
while [ -n "$left" ]; do
  line=\${left%%"$nl"*} left=\${left#*"$nl"}
  case $line in [A-Z]*=*) key=\${line%%=*}; eval "of_$key=\\\${line#*=}";; esac
done
[ -d /run/units ] || mkdir -p /run/units
pid=\${of_PIDFile:-/run/units/$unit.pid} wanted=/run/units/$unit.wanted log=/run/units/$unit.log
# A host's first process reaps nobody.
alive() {
  main=
  [ -e "$pid" ] && read -r main <"$pid"
  [ -n "$main" ] || return
  while read -r key state _; do [ "$key" != State: ] || { case $state in [ZX]) return 1;; esac; return 0; }; done <"/proc/$main/status"
  false
} 2>/dev/null
stop() { alive && halt && while alive; do sleep 0.05; done; rm -f "$pid"; eval "$of_ExecStopPost"; }
# SIGKILL goes to all processes of the unit.
halt() { case $of_KillSignal in SIGKILL) eval "$of_ExecStop"; kill -s KILL -- "-$main";; *) kill "$main";; esac; }
start() (
  [ -n "$exists" ] || { echo "Unit $unit not found." >&2; exit 5; }
  variable=$of_Environment environment=$of_EnvironmentFile
  case $variable in '"'*'"') variable=\${variable#?} variable=\${variable%?};; esac
  # A file that begins with - may be absent.
  [ -z "$environment" ] || [ ! -e "\${environment#-}" ] || { set -a; . "\${environment#-}"; set +a; }
  [ -z "$variable" ] || export "$variable"
  cd "\${of_WorkingDirectory:-/}" || exit 200
  exec </dev/null >>"$log" 2>&1
  # systemd makes one dollar sign of two.
  pre='' left=$of_ExecStartPre
  while :; do case $left in *'$$'*) pre=$pre\${left%%'$$'*}'$' left=\${left#*'$$'};; *) pre=$pre$left; break;; esac; done
  # A command that begins with - may fail.
  eval "\${pre#-}" || case $pre in -*) ;; *) exit 1;; esac
  if [ "$of_Type" = forking ]; then
    eval "$of_ExecStart" || exit
    n=0; while [ $n -lt 200 ]; do ! alive || exit 0; n=$((n + 1)); sleep 0.05; done
    exit 1
  fi
  as=\${of_User:+setpriv --reuid=$of_User --regid=$of_User --init-groups --}
  eval "exec setsid $as $of_ExecStart" &
  echo $! >"$pid"
)
reload() { if alive && [ -n "$of_ExecReload" ]; then MAINPID=$main; eval "$of_ExecReload"; else stop; start; fi; }
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
show)
  shift
  while [ $# -gt 1 ]; do
    case $1 in
    LoadState) if [ -z "$exists" ]; then is=not-found; else is=loaded; fi;;
    ActiveState) if alive; then is=active; else is=inactive; fi;;
    MainPID) if alive; then is=$main; else is=0; fi;;
    NeedDaemonReload) is=no;;
    esac
    [ -n "$bare" ] || printf %s= "$1"
    echo "$is"
    shift
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
