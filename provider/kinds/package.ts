import { z } from "zod";
import { type Reply, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { fact } from "../host/fact";
import { asGatePackage } from "../linux/logins";
import { about, type Kind, type Step } from "../reconcile/kind";
import { finishing, installing, type PackageManager, removing } from "./package-commands";

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
  tool: PackageManager;
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
      .regex(/^[A-Za-z0-9][\w+.-]*(:[a-z0-9]+)?$/, 'a package\'s name is like "ipvsadm": give a version as version')
      .refine((name) => !name.endsWith("-"), "a package's name does not end with -"),
    version: z
      .string()
      .regex(/^[\w][\w.:~^+-]*$/, 'a version is like "1:1.31-1", as the package manager prints it: give such a one')
      .refine(
        (version) => !/^(latest|present|installed)$/.test(version),
        "is no version: leave it out, and what the host's repositories have is installed and stays",
      )
      .optional(),
    file: z
      .string()
      .regex(
        /^(\/|https?:\/\/[^/@]+\/)[^\s'"]+$/,
        "a package file is an absolute path on the host, or a URL without a password in it: give one of these",
      )
      .optional(),
    installed: z.literal(true).default(true),
    removeOnDelete: z.boolean().default(false),
  }),
  // Its URL may have a password in it, and is refused for that.
  secrets: ["file"],
  identity: (want) => want.package,

  // os-release(5) decides which tool is the host's. An installed dnf or rpm does not: Debian has both as packages. dnf takes
  // what a package provides for its name as well: "vim" is vim-enhanced.
  look(change) {
    const ask = sh(
      `ID=; ID_LIKE=; . /etc/os-release 2>/dev/null || . /usr/lib/os-release 2>/dev/null
      case " $ID $ID_LIKE " in
      *" debian "*|*" ubuntu "*) tool=apt;;
      *) tool=; for t in dnf yum apt-get; do command -v $t >/dev/null && { tool=\${t%-get}; break; }; done;;
      esac
      echo "$tool"
      case $tool in
      apt) said=$(dpkg-query -W -f '\${db:Status-Abbrev}|\${Version}\\n' "$1" 2>&1); case $? in 0|1) ;; *) echo "$said" >&2; exit 1;; esac
        echo "$said"; [ -z "$(ls /var/lib/dpkg/updates 2>/dev/null)" ] || echo interrupted;;
      dnf|yum) said=$(rpm -q --qf '%{EPOCH}|%{VERSION}|%{RELEASE}\\n' "$1" 2>&1) ||
          said=$(rpm -q --whatprovides --qf '%{EPOCH}|%{VERSION}|%{RELEASE}\\n' "$1" 2>&1) ||
          case $said in *error:*) echo "$said" >&2; exit 1;; esac
        echo "$said";;
      esac; :`,
      about(change).package,
    );
    return fact(ask, ({ exit, stdout, stderr }) => {
      const [tool, ...lines] = stdout.trimEnd().split("\n");
      // What cannot be read would count as not installed.
      if (exit !== 0)
        throw new LvsError(
          `${tool} does not say which packages are installed: ${stderr.trim()}. Mend that there (disk, /var/lib/dpkg, rpm --rebuilddb), and run again`,
        );
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
      const finish = { run: finishing, purpose: "finishing what dpkg was interrupted in", limit: LIMIT };
      const step = install(want, seen.tool);
      return [...(seen.interrupted ? [finish] : []), seen.installed ? step : asGatePackage(want.package, step)];
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
  const [epoch, version, release] = lines.findLast((line) => line.includes("|"))?.split("|") ?? [];
  if (release === undefined) return { installed: false, versions: [], interrupted: false };
  const full = `${version}-${release}`;
  const withEpoch = epoch === "(none)" ? [`0:${full}`] : [`${epoch}:${full}`];
  return { installed: true, versions: [full, ...withEpoch, version as string], interrupted: false };
}

/** A package file in words. What follows the path in a URL may be a key to it. */
function placeOf(file: string): string {
  return file.replace(/[?#].*/, "?…");
}

function install(want: Want, tool: PackageManager): Step {
  const { package: name, version, file } = want;
  const shown = version === undefined ? name : `${name} ${version}`;
  return {
    run: installing(want, tool),
    purpose: `installing the package ${shown}${file ? ` from ${placeOf(file)}` : ""}`,
    advice: (reply) =>
      whyRemoving(reply, file ? placeOf(file) : name) ??
      (file ? fileAdvice(reply, file, shown) : advice(reply, shown, tool)),
    limit: LIMIT,
  };
}

function remove(name: string, tool: PackageManager): Step {
  return {
    run: removing(name, tool),
    purpose: `removing the package ${name}, which was not there before`,
    advice: ({ stderr }) =>
      /depend/i.test(stderr)
        ? `Other packages need ${name} by now: declare removeOnDelete: false, and it stays`
        : undefined,
    limit: LIMIT,
  };
}

/** apt's words: "Packages need to be removed but remove is disabled." */
function whyRemoving({ stderr }: Reply, name: string): string | undefined {
  return /remove is disabled/.test(stderr)
    ? `It would take other packages away, which nobody would put back. \`apt-get -s install ${name}\` on the host names them: ` +
        "remove them by hand first, if they may go"
    : undefined;
}

function fileAdvice(reply: Reply, file: string, name: string): string {
  return /no such file|cannot open|could not open|failed to fetch|404|not exist/i.test(
    `${reply.stdout}\n${reply.stderr}`,
  )
    ? `Is ${placeOf(file)} there, and can the host reach it?`
    : `Is it ${name}'s file for this distribution, and does a repository of the host have what it depends on?`;
}

function advice(reply: Reply, name: string, tool: PackageManager): string | undefined {
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
