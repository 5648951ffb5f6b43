import { z } from "zod";
import { type Command, type Reply, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { printed } from "../host/fact";
import { hold } from "../host/shell";
import { WALK } from "../linux/walk";
import type { Kind, Step } from "../reconcile/kind";
import { about } from "../reconcile/kind";

interface Want {
  package: string;
  version?: string | undefined;
  /** A package file in place of the repositories: a path on the host, or a URL. */
  file?: string | undefined;
  /** Always true. The property is here so that a package that was removed shows as a difference. */
  installed: true;
  removeOnDelete: boolean;
}

interface Seen {
  tool: "apt" | "dnf" | "yum";
  installed: boolean;
  /** The version as the package manager prints it, and its shorter spellings. */
  versions: string[];
  /** dpkg was interrupted. It installs nothing before `dpkg --configure -a` has finished the interrupted work. */
  interrupted: boolean;
}

/** Seconds for one step: a large package over a slow line, after another run of the package manager. */
const LIMIT = 900;

/** An installed package, by apt, dnf or yum. */
export const packageKind: Kind<Want, Seen> = {
  name: "Package",
  inputs: z.object({
    // apt-get(8) reads a trailing + or - as "install" or "remove", unless a package has that name. g++ is such a package.
    package: z
      .string()
      .regex(/^[A-Za-z0-9][\w+.-]*(:[a-z0-9]+)?$/, 'a package\'s name is like "ipvsadm"')
      .refine((name) => !name.endsWith("-"), "a package's name does not end with -"),
    version: z
      .string()
      .regex(/^[\w][\w.:~^+-]*$/, 'a version is like "1:1.31-1", as the package manager prints it')
      .optional(),
    file: z
      .string()
      .regex(
        /^(\/|https?:\/\/[^/@]+\/)[^\s'"]+$/,
        "a package file is an absolute path on the host, or a URL without a password in it",
      )
      .optional(),
    installed: z.literal(true).default(true),
    removeOnDelete: z.boolean().default(false),
  }),
  // Its URL may have a password in it, and is refused for that.
  secrets: ["file"],
  identity: (want) => want.package,

  // os-release(5) decides which tool is the host's. An installed dnf or rpm does not: Debian has both as packages.
  look(change) {
    const ask = sh(
      `ID=; ID_LIKE=; . /etc/os-release 2>/dev/null || . /usr/lib/os-release 2>/dev/null
      case " $ID $ID_LIKE " in
      *" debian "*|*" ubuntu "*) tool=apt;;
      *) tool=; for t in dnf yum apt-get; do command -v $t >/dev/null && { tool=\${t%-get}; break; }; done;;
      esac
      echo "$tool"
      case $tool in
      apt) dpkg-query -W -f '\${db:Status-Abbrev}|\${Version}\\n' "$1" 2>/dev/null
        [ -z "$(ls /var/lib/dpkg/updates 2>/dev/null)" ] || echo interrupted;;
      dnf|yum) rpm -q --qf '%{EPOCH}|%{VERSION}|%{RELEASE}\\n' "$1" 2>/dev/null;;
      esac; :`,
      about(change).package,
    );
    return printed(ask, (output) => {
      const [tool, ...lines] = output.trimEnd().split("\n");
      if (tool === "apt") return { tool, ...fromDpkg(lines) };
      if (tool === "dnf" || tool === "yum") return { tool, ...fromRpm(lines) };
      throw new LvsError(
        "the host has neither apt nor dnf nor yum: install the package by hand, and leave it out here",
      );
    });
  },

  plan({ had, want, found }, seen) {
    if (want) {
      if (seen.installed && (want.version === undefined || seen.versions.includes(want.version))) return [];
      const finish = { run: sh(configure), purpose: "finishing what dpkg was interrupted in", limit: LIMIT };
      return [...(seen.interrupted ? [finish] : []), install(want, seen.tool)];
    }
    if (!had?.removeOnDelete || found?.installed || !seen.installed) return [];
    return [remove(had.package, seen.tool)];
  },

  report: (want, seen) => ({
    installed: seen.installed,
    ...(want.version !== undefined && {
      version: seen.versions.includes(want.version) ? want.version : (seen.versions[0] ?? ""),
    }),
  }),
};

// The letters of dpkg-query(1)'s Status-Abbrev are desired action, state and error. The state of an installed package is "i",
// also if the package is on hold.
function fromDpkg(lines: readonly string[]): Omit<Seen, "tool"> {
  const [state, version] = lines.find((line) => line.includes("|"))?.split("|") ?? [];
  const isInterrupted = /^.[UFHWt]/.test(state ?? "");
  return {
    installed: state?.[1] === "i",
    versions: state?.[1] === "i" && version ? [version] : [],
    interrupted: isInterrupted || lines.includes("interrupted"),
  };
}

function fromRpm(lines: readonly string[]): Omit<Seen, "tool"> {
  // rpm prints a line for each installed version of a package (kernels have several). The last one is the newest.
  const [epoch, version, release] = lines.at(-1)?.split("|") ?? [];
  if (release === undefined) return { installed: false, versions: [], interrupted: false };
  const full = `${version}-${release}`;
  const withEpoch = epoch === "(none)" ? [`0:${full}`] : [`${epoch}:${full}`];
  return { installed: true, versions: [full, ...withEpoch, version as string], interrupted: false };
}

/** A package file in words. What follows the path in a URL may be a key to it. */
function placeOf(file: string): string {
  return file.replace(/[?#].*/, "?…");
}

function install(want: Want, tool: Seen["tool"]): Step {
  const { package: name, version, file } = want;
  const shown = version === undefined ? name : `${name} ${version}`;
  return {
    run: tool === "apt" ? byApt(want) : sh(dnf, tool, file ?? (version === undefined ? name : `${name}-${version}`)),
    purpose: `installing the package ${shown}${file ? ` from ${placeOf(file)}` : ""}`,
    advice: (reply) => (file ? fileAdvice(reply, file, shown) : advice(reply, shown, tool)),
    limit: LIMIT,
  };
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

// The name is looked up first, because apt-get takes a name that no package has for a pattern. The index may be missing or old,
// so it is updated if the package is not found or not installed.
const aptInstall = `${LOCKED}\n${again}
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
install() {
  apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold --no-install-recommends \${3:+"$3"} install "$2" 8>&-
}`;

const apt = `${aptInstall}
known() { apt-cache pkgnames "\${1%%:*}" 2>/dev/null | grep -qxF "\${1%%:*}"; }
known "$1" && install "$@" >/dev/null 2>&1 && exit 0
again apt-get -qq update
known "$1" || { echo "E: Unable to locate package $1" >&2; exit 100; }
install "$@"`;

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

// dpkg and rpm refuse to remove a package that another package needs. apt-get and dnf would remove that other package, too.
function remove(name: string, tool: Seen["tool"]): Step {
  const run: Command =
    tool === "apt"
      ? sh(`${LOCKED}\n${again}\nexport DEBIAN_FRONTEND=noninteractive\nagain dpkg --remove "$1"`, name)
      : sh(`${LOCKED}\n${again}\nagain rpm -e "$1"`, name);
  return {
    run,
    purpose: `removing the package ${name}, which was not there before`,
    advice: ({ stderr }) =>
      /depend/i.test(stderr)
        ? `Other packages need ${name} by now: declare removeOnDelete: false, and it stays`
        : undefined,
    limit: LIMIT,
  };
}

function byApt({ package: name, version, file }: Want): Command {
  const downgrade = version ? "--allow-downgrades" : "";
  return file ? sh(aptFile, file, downgrade) : sh(apt, name, version ? `${name}=${version}` : name, downgrade);
}

function fileAdvice(reply: Reply, file: string, name: string): string {
  return /no such file|cannot open|could not open|failed to fetch|404|not exist/i.test(
    `${reply.stdout}\n${reply.stderr}`,
  )
    ? `Is ${placeOf(file)} there, and can the host reach it?`
    : `Is it ${name}'s file for this distribution, and does a repository of the host have what it depends on?`;
}

function advice(reply: Reply, name: string, tool: Seen["tool"]): string | undefined {
  const output = `${reply.stdout}\n${reply.stderr}`;
  const unknown =
    /unable to locate package|no installation candidate|version .* was not found|unable to find a match|no match for argument|no package .*available|nothing to do/i;
  if (unknown.test(output)) {
    const more = tool === "apt" ? "(apt-cache policy shows)" : "(EPEL has many that Rocky, Alma and CentOS leave out)";
    return `Is ${name} spelled as this distribution spells it, and does the host have and reach a repository that has it ${more}?`;
  }
  if (/no space left/i.test(output)) return "The host's disk is full";
  if (/ lock/.test(output)) return "Something else on the host is installing packages and does not come to an end";
  if (/could not resolve|failed to fetch|cannot download|curl error|timed? ?out/i.test(output))
    return "The host does not reach its package repositories: is its network, gateway or proxy right?";
  return undefined;
}
