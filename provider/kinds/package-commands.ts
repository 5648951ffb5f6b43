import { type Command, sh } from "../host/command";
import { hold } from "../host/shell";
import { WALK } from "../linux/walk";

// The commands that install and remove a package, by each package manager.

export type PackageManager = "apt" | "dnf" | "yum";

/** A package, of a version or from a package file. */
interface Wanted {
  readonly package: string;
  readonly version?: string | undefined;
  readonly file?: string | undefined;
}

/**
 * Our own runs take turns by this lock, because `apt-get update` does not wait for apt's lock. For other programs that install,
 * like the timers of a first boot, apt-get waits at dpkg's lock (DPkg::Lock::Timeout), and `again` repeats the command while
 * apt's lock is held.
 */
const LOCKED = hold("packages", 800);

const again = `again() {
  n=0
  while :; do
    said=$("$@" 2>&1 8>&-) && return 0
    case $said in *" lock"*) [ $n -lt 150 ] && n=$((n + 1)) && sleep 2 && continue;; esac
    printf '%s\\n' "$said" >&2; return 1
  done
}`;

const configure = `${LOCKED}\n${again}\nexport DEBIAN_FRONTEND=noninteractive
again dpkg --force-confold --configure -a`;

// What would take another package away is refused (--no-remove): nobody would put that package back.
// The name is looked up first, because apt-get takes a name that no package has for a pattern. The index may be missing or old,
// so it is updated if the package is not found or not installed.
const aptInstall = `${LOCKED}\n${again}
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
install() {
  apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold --no-install-recommends --no-remove \${3:+"$3"} install "$2" 8>&-
}`;

const apt = `${aptInstall}
known() { apt-cache pkgnames "\${1%%:*}" 2>/dev/null | grep -qxF "\${1%%:*}"; }
known "$1" && install "$@" >/dev/null 2>&1 && exit 0
again apt-get -qq update
known "$1" && { install "$@"; exit; }
echo "E: Unable to locate package $1" >&2
# Another release of the distribution has another version in the name: postgresql-15, libssl3.
case $1 in *[0-9]*) apt-cache pkgnames "\${1%%[0-9]*}" 2>/dev/null | LC_ALL=C sort -V |
  awk -v name="$1" 'function form(text) { gsub(/[0-9.]+/, "0", text); return text }
    form($0) == form(name) { print "The host has " $0 " to install" }' >&2;; esac
exit 100`;

/**
 * Shell: fails unless root alone can change the package file. A package's scripts run as root. A host that has no such file fails
 * later, in the package manager's words.
 */
const guardedFile = `${WALK}
ours() {
  [ -e "$1" ] || return 0
  file=$(readlink -f -- "$1")
  (guard "\${1%/*}") && (guard "\${file%/*}") || return 1
  case $(stat -c %u.%a -- "$file") in 0.*[2367]|0.*[2367]?) false;; 0.*);; *) false;; esac || {
    echo "others than root may write to $file. Let root alone write there (chown root, chmod go-w)" >&2; return 1; }
}`;

// The dependencies of the file come from the repositories. A downloaded file lies where apt's user _apt can read it.
const aptFile = `${aptInstall}
${guardedFile}
case $1 in
/*) file=$1; ours "$1" || exit 1;;
*) file=\${1%%[?#]*} file=/var/cache/apt/archives/\${file##*/}
  said=$(/usr/lib/apt/apt-helper download-file "$1" "$file" 2>&1) || { printf '%s\\n' "$said" | sed 's/[?#][^ ]*/?…/g' >&2; exit 100; };;
esac
[ -e "$file" ] || { echo "$file: no such file" >&2; exit 100; }
install "" "$file" "$2" >/dev/null 2>&1 && exit 0
again apt-get -qq update
install "" "$file" "$2"`;

const dnf = `${LOCKED}
${guardedFile}
case $2 in /*) ours "$2" || exit 1;; esac
weak=; [ "$1" = yum ] || weak=--setopt=install_weak_deps=False
"$1" -q -y $weak install "$2" >/dev/null 2>&1 8>&- && exit 0
"$1" -q clean expire-cache >/dev/null 2>&1 8>&-
said=$("$1" -q -y $weak install "$2" 2>&1 8>&-) || { r=$?; printf '%s\\n' "$said" | sed '/:\\/\\//s/[?#][^ ]*/?…/g' >&2; exit $r; }`;

/** Finishes what dpkg was interrupted in. */
export const finishing: Command = sh(configure);

export function installing({ package: name, version, file }: Wanted, tool: PackageManager): Command {
  if (tool !== "apt") return sh(dnf, tool, file ?? (version === undefined ? name : `${name}-${version}`));
  const downgrade = version ? "--allow-downgrades" : "";
  return file ? sh(aptFile, file, downgrade) : sh(apt, name, version ? `${name}=${version}` : name, downgrade);
}

/** dpkg and rpm refuse to remove a package that another package needs. apt-get and dnf would remove that other package, too. */
export function removing(name: string, tool: PackageManager): Command {
  return tool === "apt"
    ? sh(`${LOCKED}\n${again}\nexport DEBIAN_FRONTEND=noninteractive\nagain dpkg --remove "$1"`, name)
    : sh(
        `${LOCKED}\n${again}\nrpm -q "$1" >/dev/null 2>&1 || set -- "$(rpm -q --whatprovides --qf '%{NAME}\\n' "$1" | head -n 1)"
        again rpm -e "$1"`,
        name,
      );
}
