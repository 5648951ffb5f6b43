// Fakes of tools that would touch the machine, or that a test machine does not have. Each fake is a small shell script.
// Its state is in files of the host, which tests read and write. Each call is logged in /run/log.

const script = (name: string, body: string) => `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>/run/log\n${body}\n`;

/** The real tool. Its arguments are logged. */
const logged = (tool: string) => script(tool, `exec /usr/bin/${tool} "$@"`);

// Units are folders /run/units/<unit>, with these files: `enabled` and `active` hold the words that systemctl prints;
// `stale` exists after the unit's file was changed; `refuses` makes start and reload fail; `loads` counts starts and
// reloads; `busy` makes one stop fail; `dies` makes the unit fail right after a start. A unit whose file is in /etc/systemd/system gets such a
// folder, too.
const systemctl = `
verb= quiet= now= ; while [ $# -gt 0 ]; do case $1 in
  -q) quiet=1; shift;; -p|-n) shift 2;; --now) now=1; shift;; -*) shift;;
  *) if [ -z "$verb" ]; then verb=$1; shift; else break; fi;; esac; done
case $verb in add-*) by=$1; shift;; esac
unit=$1 d=/run/units/$1
[ -z "$unit" ] || [ ! -e "/etc/systemd/system/$unit" ] || [ -d "$d" ] || mkdir -p "$d"
[ -z "$unit" ] || [ -d "$d" ] || [ "$verb" = show ] || [ "$verb" = is-enabled ] || [ "$verb" = is-active ] || {
  echo "Failed to $verb $unit: Unit $unit not found." >&2; exit 5; }
word() { said=$2; [ ! -e "$d/$1" ] || read -r said <"$d/$1"; echo "$said"; }
load() {
  if [ -e "$d/refuses" ]; then echo "Job for $unit failed because the control process exited with error code." >&2; return 1; fi
  echo x >>"$d/loads"; if [ -e "$d/dies" ]; then echo failed >"$d/active"; else echo active >"$d/active"; fi
}
masked() { [ "$(word enabled disabled)" != masked ] || { echo "Failed to $verb unit: Unit file $unit is masked." >&2; exit 1; }; }
case $verb in
show)
  if [ -d "$d" ]; then echo LoadState=loaded; else echo LoadState=not-found; fi
  echo "ActiveState=$(word active inactive)"
  if [ -e "$d/stale" ]; then echo NeedDaemonReload=yes; else echo NeedDaemonReload=no; fi;;
is-enabled) [ -n "$quiet" ] || word enabled disabled; [ "$(word enabled disabled)" = enabled ];;
is-active) [ -n "$quiet" ] || word active inactive; [ "$(word active inactive)" = active ] || exit 3;;
enable) masked; echo enabled >"$d/enabled";;
add-*) mkdir -p "/etc/systemd/system/$by.\${verb#add-}" && ln -s "/lib/systemd/system/$unit" "/etc/systemd/system/$by.\${verb#add-}/$unit";;
disable) echo disabled >"$d/enabled"; rm -f /etc/systemd/system/*/"$unit"; rmdir /etc/systemd/system/* 2>/dev/null; [ -z "$now" ] || echo inactive >"$d/active";;
start) masked; [ "$(word active inactive)" = active ] || load;;
stop)
  if [ -e "$d/busy" ]; then rm "$d/busy"; echo "Failed to stop $unit: Connection timed out" >&2; exit 1; fi
  echo inactive >"$d/active";;
restart|reload-or-restart) load;;
try-restart|try-reload-or-restart) [ "$(word active inactive)" != active ] || load;;
daemon-reload) rm -f /run/units/*/stale;;
status) echo "     Active: $(word active inactive) (Result: exit-code)";;
reset-failed) ;;
*) echo "fake systemctl: $verb" >&2; exit 64;;
esac`;

// A timer is a unit, whose file is left when it is stopped. Its command is in /run/fire. A test runs the command with
// `xargs -0 -a /run/fire env`.
const systemdRun = `
for word; do case $word in --unit=*) unit=\${word#*=};; esac; done
if [ -e /run/no-bus ]; then echo "Failed to connect to bus: No such file or directory" >&2; exit 1; fi
mkdir -p "/run/units/$unit.timer" /run/systemd/transient && echo active >"/run/units/$unit.timer/active"
: >"/run/systemd/transient/$unit.timer"
while [ "\${1#/}" = "$1" ]; do shift; done
printf '%s\\0' "$@" >/run/fire`;

// Installed packages are files in /var/lib/packages, with the version as content. The repositories' packages are in
// /srv/repository. Before an update only those in /var/lib/index are known.
const dpkgQuery = `
for name; do :; done
if [ -e "/var/lib/packages/$name" ]; then printf '%s|%s\\n' "$(cat "/var/lib/state/$name" 2>/dev/null || echo 'ii ')" "$(cat "/var/lib/packages/$name")"
else echo "no packages found matching $name" >&2; exit 1; fi`;

const aptGet = `
for what; do :; done
case " $* " in
*" update "*)
  if [ -e /run/apt-locked ]; then rm /run/apt-locked; echo "E: Could not get lock /var/lib/apt/lists/lock." >&2; exit 100; fi
  mkdir -p /var/lib/index && cp /srv/repository/* /var/lib/index/;;
*" install "*)
  name=\${what%%=*} version=$(cat "/var/lib/index/\${what%%=*}" 2>/dev/null) || { echo "E: Unable to locate package $name" >&2; exit 100; }
  [ -z "$(ls /var/lib/dpkg/updates 2>/dev/null)" ] || { echo "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'" >&2; exit 100; }
  case $what in *=*) [ "$version" = "\${what#*=}" ] || { echo "E: Version '\${what#*=}' for '$name' was not found" >&2; exit 100; };; esac
  mkdir -p /var/lib/packages && printf %s "$version" >"/var/lib/packages/$name"; rm -f "/var/lib/state/$name";;
*) exit 64;;
esac`;

const aptCache = `ls /var/lib/index 2>/dev/null | grep "^$2"`;

const dpkg = `
case " $* " in
*" --configure "*) rm -rf /var/lib/dpkg/updates /var/lib/state;;
*" --remove "*)
  for name; do :; done
  [ ! -e "/var/lib/needed/$name" ] || { echo "dpkg: dependency problems prevent removal of $name" >&2; exit 1; }
  rm "/var/lib/packages/$name"; rmdir /var/lib/packages 2>/dev/null; :;;
esac`;

// A file in /srv/provides has the name of the package that provides another name.
const rpm = `
for name; do :; done
case " $* " in *" --whatprovides "*) [ ! -e "/srv/provides/$name" ] || name=$(cat "/srv/provides/$name");; esac
[ -e "/var/lib/packages/$name" ] || { echo "package $name is not installed"; exit 1; }
case " $* " in *" %{NAME}"*) echo "$name"; exit;; esac
case $1 in
-q) printf '(none)|%s|1.el9\\n' "$(cat "/var/lib/packages/$name")";;
-e) [ ! -e "/var/lib/needed/$name" ] || { echo "error: Failed dependencies: $name is needed by other" >&2; exit 1; }
  rm "/var/lib/packages/$name";;
esac`;

const dnf = `
for what; do :; done
case " $* " in
*" expire-cache "*) mkdir -p /var/lib/index && cp /srv/repository/* /var/lib/index/;;
*" install "*)
  [ ! -e "/srv/provides/$what" ] || what=$(cat "/srv/provides/$what")
  name=\${what%%-[0-9]*} version=$(cat "/var/lib/index/\${what%%-[0-9]*}" 2>/dev/null)
  case $what in "$name"|"$name-$version") ;; *) version=;; esac
  [ -n "$version" ] || { echo "Error: Unable to find a match: $what" >&2; exit 1; }
  mkdir -p /var/lib/packages && printf %s "$version" >"/var/lib/packages/$name";;
esac`;

// A file in /srv/aliases has the names of the modules that an alias stands for.
const modprobe = `
case $1 in -*R) cat "/srv/aliases/$2" 2>/dev/null || { [ -e "/srv/modules/$2" ] && echo "$2"; }; exit;; esac
if [ -e "/srv/aliases/$1" ]; then for one in $(cat "/srv/aliases/$1"); do mkdir -p "/sys/module/$(echo "$one" | tr - _)"; done; exit; fi
[ -e "/srv/modules/$1" ] || { echo "modprobe: FATAL: Module $1 not found in directory /lib/modules/6.1" >&2; exit 1; }
mkdir -p "/sys/module/$1"`;

// The fake gives every system user the numbers 999, like the first one on a host. A user in use (/run/logged-in) cannot
// be removed.
const useradd = `
for name; do :; done
echo "$name:x:999:999::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
echo "$name:x:999:" >>/etc/group`;

const userdel = `
for name; do :; done
[ ! -e "/run/logged-in/$name" ] || { echo "userdel: user $name is currently used by process 7" >&2; exit 8; }
sed -i "/^$name:/d" /etc/passwd /etc/group`;

// A file must be on the disk before it takes another file's place: after a loss of power there would otherwise be an
// empty file. A loss of power empties /run anyway. What was synced is noted in a file for each, because scripts may run
// at the same time. A move empties the note: no program is started for that. Nothing is synced really: that would take
// long.
const noteOf = (file: string) => `$(set -f; IFS=/; set -- ${file}; IFS=_; echo "/run/lock/synced/of-$*")`;

const sync = `
[ -d /run/lock/synced ] || mkdir -p /run/lock/synced
for file; do
  case $file in -*) continue;; esac
  [ -e "$file" ] || { echo "sync: error opening '$file': No such file or directory" >&2; exit 1; }
  echo synced >"${noteOf("$file")}"
done`;

const dd = `
for word; do case $word in of=*) file=\${word#of=};; esac; done
/usr/bin/dd "$@" || exit
case " $* " in *" conv=fsync "*)
  [ -d /run/lock/synced ] || mkdir -p /run/lock/synced
  echo synced >"${noteOf("$file")}";;
esac`;

const mv = `
moves() {
  [ -f "$1" ] && [ ! -L "$1" ] || return 0
  note=${noteOf("$1")}
  if [ -s "$note" ]; then : >"$note"; else case $2 in /run/*) ;; *) echo "not synced: $1" >>/run/log;; esac; fi
}
if [ "$1 $2" = "-f -t" ]; then n=0; for word; do n=$((n + 1)); [ $n -lt 4 ] || moves "$word" "$3"; done
else for word; do file=$place place=$word; done; moves "$file" "$place"; fi
exec /usr/bin/mv "$@"`;

export const FAKES: Readonly<Record<string, string>> = {
  systemctl: script("systemctl", systemctl),
  "systemd-run": script("systemd-run", systemdRun),
  journalctl: script("journalctl", `echo "bind() to 0.0.0.0:80 failed (98: Address already in use)"`),
  "dpkg-query": script("dpkg-query", dpkgQuery),
  "apt-get": script("apt-get", aptGet),
  "apt-cache": script("apt-cache", aptCache),
  dpkg: script("dpkg", dpkg),
  rpm: script("rpm", rpm),
  dnf: script("dnf", dnf),
  modprobe: script("modprobe", modprobe),
  useradd: script("useradd", useradd),
  userdel: script("userdel", userdel),
  // Debian's awk is a link by way of /etc/alternatives, and this host has an /etc of its own.
  awk: `#!/bin/sh\nfor awk in /usr/bin/gawk /usr/bin/mawk; do [ ! -x $awk ] || exec $awk "$@"; done\nexit 127\n`,
  sync: script("sync", sync),
  dd: script("dd", dd),
  mv: script("mv", mv),
  ...Object.fromEntries(["base64", "cat", "chmod", "chown", "cp", "rm"].map((tool) => [tool, logged(tool)])),
};
