import { isAddress, type Match, matchKey, normalAddress } from "pulumi-lvs-provider/model";
import { type Around, parseSpelled } from "pulumi-lvs-provider/operations";
import { type KeepalivedFile, readKeepalivedFile } from "./keepalived-file";
import { type LdirectordFile, readLdirectordFile } from "./ldirectord-file";
import { type Names, Refused } from "./refused";
import { readSavedRules } from "./saved-rules";

// What was found on the hosts, with the meaning of their files.

export interface Found {
  readonly name: string;
  readonly around: Around;
  /** ldirectord's configuration, where the daemon runs. */
  readonly ldirectord?: LdirectordFile;
  /** keepalived's configuration, where the daemon runs. */
  readonly keepalived?: KeepalivedFile;
}

export type FoundService = Around["services"][number];

/** Something that is not taken over, or that the user has to know. */
export interface Note {
  readonly host: string;
  readonly what: string;
  readonly why: string;
}

export const LDIRECTORD_CF = "/etc/ha.d/ldirectord.cf";
export const KEEPALIVED_CONF = "/etc/keepalived/keepalived.conf";
export const KEEPALIVED_FOLDER = "/etc/keepalived/";

/** @throws Refused where a daemon runs with a file that nobody can have meant */
export function understood(name: string, around: Around, names: Names): { found: Found; notes: Note[] } {
  const notes: Note[] = [];
  const read = <T>(
    unit: string,
    path: string,
    reader: (text: string, names: Names, path: string) => T,
    says: (meaning: T) => boolean,
  ): T | undefined => {
    const told = around.told?.[unit];
    if (told !== undefined)
      throw new Refused(
        told,
        1,
        `${unit} runs with this file, and ${path} alone is read: rename it, and let the unit ${unit} start the daemon`,
      );
    const file = around.files[path];
    if (!file) return undefined;
    const runs = around.running.includes(unit);
    try {
      const meaning = reader(file.text, names, path);
      if (runs) return meaning;
      // Packages bring examples, in which everything is a comment.
      if (says(meaning))
        notes.push({
          host: name,
          what: path,
          why: `${unit} does not run: its file says nothing about what the kernel has`,
        });
    } catch (error) {
      if (!(error instanceof Refused) || runs) throw error;
      notes.push({
        host: name,
        what: `${error.file}:${error.line}`,
        why: `${error.reason}. ${unit} does not run, so nothing depends on it`,
      });
    }
    return undefined;
  };
  const ldirectord = read("ldirectord", LDIRECTORD_CF, readLdirectordFile, ({ virtuals }) => virtuals.length > 0);
  const keepalived = read(
    "keepalived",
    KEEPALIVED_CONF,
    (text, _, path) => readKeepalivedFile(text, path, textsBelow(KEEPALIVED_FOLDER, around)),
    ({ services, addresses }) => services.length + addresses.length > 0,
  );
  for (const path of SAVED) notes.push(...savedNotes(name, around, names, path));
  const daemon = ofDefaults(around, "DAEMON");
  if (daemon && daemon !== "none")
    notes.push({
      host: name,
      what: `${DEFAULTS}: DAEMON="${daemon}"`,
      why: "ipvsadm's unit starts the sync daemons at boot as well: take it out once the program is their owner",
    });
  return { found: { name, around, ...(ldirectord && { ldirectord }), ...(keepalived && { keepalived }) }, notes };
}

/** The texts of the files below a folder, by path; undefined for one that was not read. */
function textsBelow(folder: string, { files, unread = [] }: Around): Record<string, string | undefined> {
  const below = Object.entries(files).filter(([path]) => path.startsWith(folder));
  return Object.fromEntries([
    ...unread.map((path) => [path, undefined] as const),
    ...below.map(([path, { text }]) => [path, text] as const),
  ]);
}

/** What Debian's unit of ipvsadm does at boot. */
const DEFAULTS = "/etc/default/ipvsadm";

/** The last value of a variable there; undefined where there is no such file, and "" where it does not have it. */
function ofDefaults({ files }: Around, name: string): string | undefined {
  const text = files[DEFAULTS]?.text;
  if (text === undefined) return undefined;
  return [...text.matchAll(new RegExp(`^\\s*${name}=["']?(\\w*)`, "gm"))].at(-1)?.[1] ?? "";
}

const SAVED = ["/etc/ipvsadm.rules", "/etc/sysconfig/ipvsadm"];

/** Rules that ipvsadm's own unit brings back at boot, beside those of the program. */
function savedNotes(host: string, around: Around, names: Names, path: string): Note[] {
  const text = around.files[path]?.text;
  if (text === undefined) return [];
  const auto = path === "/etc/ipvsadm.rules" ? ofDefaults(around, "AUTO") : undefined;
  if (auto !== undefined && auto !== "true" && !/^\s*-A/m.test(text)) return [];
  if (auto !== undefined && auto !== "true")
    return [
      { host, what: path, why: `AUTO in ${DEFAULTS} is "${auto}": ipvsadm's unit does not load the file at boot` },
    ];
  const { lines, told } = readSavedRules(text, names, path);
  const now = around.services.map(({ match }) => matchKey(match));
  return [
    ...Object.entries(lines).map(([words, line]) => {
      const runs = now.includes(matchKey(parseSpelled(words) as Match));
      const why = runs
        ? "ipvsadm's unit brings it back at boot as well: take it out of the file once the program is its owner"
        : "the kernel has no such service now: it is not declared, and ipvsadm's unit makes it at the next boot";
      return { host, what: `${path}:${line}: ${words}`, why };
    }),
    ...told.map(({ line, reason }) => ({ host, what: `${path}:${line}`, why: reason })),
  ];
}

/** The names in ldirectord.cf and in saved rules that only the host can resolve. */
export function namesIn({ files }: Pick<Around, "files">): string[] {
  const text = (path: string) => files[path]?.text ?? "";
  const checked = text(LDIRECTORD_CF).matchAll(/^\s*(?:virtual|real|fallback)6?\s*=\s*(\S+)/gm);
  const saved = SAVED.map(text).join("\n");
  const restored = saved.matchAll(/(?:-[a-zA-Z]*[tur]|--(?:tcp|udp|sctp)-service|--real-server)[\s="']+([^\s"']+)/g);
  const words = [...checked, ...restored].flatMap(([, word = ""]) => word.split("->"));
  return [
    ...new Set(
      words
        .map((word) => word.replace(/:[^:\]]*$/, ""))
        .filter((word) => /^[A-Za-z0-9][\w.-]*$/.test(word) && /[A-Za-z]/.test(word)),
    ),
  ];
}

export function addressOn({ around }: Found, address: string): Around["addresses"][number] | undefined {
  return around.addresses.find((one) => one.address === normalAddress(address));
}

/** Where the host's default route leads, of this family. */
export function gatewayOf({ around }: Found, ipv6: boolean): string | undefined {
  return around.routes.find(({ spec, via }) => spec[0] === "default" && via !== undefined && via.includes(":") === ipv6)
    ?.via;
}

/** "10.0.0.9:80/udp" of a service; the place where keepalived declares it; undefined if keepalived does not. */
export function keptByKeepalived({ keepalived }: Found, { match }: FoundService): string | undefined {
  const kept = keepalived?.services.find((one) => matchKey(one.match) === matchKey(match));
  return kept && `${kept.file ?? KEEPALIVED_CONF}:${kept.line}`;
}

/** Whoever else gives an address to the host and takes it away: keepalived, Heartbeat, Pacemaker, ucarp. The place where that is said. */
export function movedBy({ keepalived, around }: Found, address: string): string | undefined {
  const moved = keepalived?.addresses.find((one) => one.address === normalAddress(address));
  if (moved) return `${moved.file ?? KEEPALIVED_CONF}:${moved.line}`;
  const said = around.mentions.find((line) => MOVER.test(line) && hasAddress(line, normalAddress(address)));
  return said && /^[^:]*:\d+/.exec(said)?.[0];
}

const MOVER = /^(\/etc\/ha\.d\/|\/etc\/ucarp\/|\/etc\/frr\/|\/var\/lib\/pacemaker\/)|^[^:]*:\d+:.*\bucarp\b/;

function hasAddress(line: string, address: string): boolean {
  if (!address.includes(":")) return new RegExp(`(^|[^0-9.])${address.replaceAll(".", "[.]")}([^0-9.]|$)`).test(line);
  return line.split(/[^0-9A-Fa-f.:]+/).some((word) => isAddress(word) && normalAddress(word) === address);
}

export function keptByLdirectord({ ldirectord }: Found, { match }: FoundService): boolean {
  return ldirectord?.virtuals.some((one) => matchKey(one.match) === matchKey(match)) ?? false;
}
