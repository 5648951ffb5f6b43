import { type Command, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Family, familyOfMatch, hostPort, type Match, type Protocol, parseHostPort, singleClient } from "../model";
import type { Forwarding } from "../model/match";
import type { Destination, Service, Table, Tunnel } from "./table";

// What ipvsadm(8) 1.31 prints and takes. No other file knows its options.

const PROTOCOLS: Readonly<Record<Protocol, string>> = { tcp: "-t", udp: "-u", sctp: "--sctp-service" };

/** A match in ipvsadm's words: "-t 10.0.0.1:80", "-f 99", "-f 99 -6". */
export function spelled(match: Match): string {
  if ("mark" in match) return `-f ${match.mark}${match.family === "ipv6" ? " -6" : ""}`;
  return `${PROTOCOLS[match.protocol]} ${hostPort(match.address, match.port)}`;
}

/** Reads a match in the words that ipvsadm takes or prints; undefined if the words name no service. */
export function parseSpelled(words: string): Match | undefined {
  const [letter, what = "", family] = words.split(" ");
  // ipvsadm prints marks from 2^31 on as negative numbers, and takes none of those.
  if (letter === "-f") return { mark: Number(what) >>> 0, family: family === "-6" ? "ipv6" : "ipv4" };
  const protocol = (Object.keys(PROTOCOLS) as Protocol[]).find((one) => PROTOCOLS[one] === letter);
  const pair = parseHostPort(what);
  return protocol && pair && { protocol, ...pair };
}

/** A match as `ipvsadm -Sn` prints it. */
export function printed(match: Match): string {
  return "mark" in match ? spelled({ ...match, mark: match.mark | 0 }) : spelled(match);
}

const LETTERS: Readonly<Record<Forwarding, string>> = { nat: "-m", dr: "-g", tun: "-i" };
const FORWARDING: Readonly<Record<string, Forwarding>> = { "-m": "nat", "-g": "dr", "-i": "tun" };
const CHECKSUMS = { none: "--tun-nocsum", full: "--tun-csum", remote: "--tun-remcsum" } as const;

/** The listings of one service, or of all. No listing shows everything. */
export interface Listings {
  /** `ipvsadm -Sn`. It leaves out thresholds, and prints `-g` for a local destination. */
  readonly saved: string;
  /** `ipvsadm -Ln`. */
  readonly listing: string;
  /** `ipvsadm -Ln --thresholds`. */
  readonly thresholds: string;
}

/** All services of the listings. */
export function parseTable({ saved, listing, thresholds }: Listings): Table {
  const table: Record<string, Omit<Service, "destinations"> & { destinations: Record<string, Destination> }> = {};
  const [limits, forwards] = [parseRows(thresholds), parseRows(listing)];
  // Each destination has a line that names its service.
  const named = new Map<string, readonly [Match, string] | undefined>();
  for (const line of saved.split("\n")) {
    const words = wordsOf(line);
    const [command, letter, what, family] = words;
    const name = `${letter} ${what}${family === "-6" ? " -6" : ""}`;
    if (!named.has(name)) named.set(name, nameOf(name));
    const [match, at] = named.get(name) ?? [];
    if (!match || at === undefined) continue;
    if (command === "-A") table[at] = { ...parseScheduling(words, familyOfMatch(match)), destinations: {} };
    const key = wordAfter(words, "-r");
    const service = table[at];
    if (command === "-a" && key && service)
      service.destinations[key] = parseDestination(words, forwards.get(at)?.get(key), limits.get(at)?.get(key));
  }
  return table;
}

function nameOf(words: string): readonly [Match, string] | undefined {
  const match = parseSpelled(words);
  return match && [match, spelled(match)];
}

function parseScheduling(words: readonly string[], family: Family): Omit<Service, "destinations"> {
  const [timeout, engine] = [wordAfter(words, "-p"), wordAfter(words, "--pe")];
  return {
    scheduler: wordAfter(words, "-s") as string,
    flags: wordAfter(words, "-b")?.split(",").sort() ?? [],
    persistence: timeout
      ? {
          timeout: Number(timeout),
          mask: wordAfter(words, "-M") ?? singleClient(family),
          ...(engine && { engine }),
        }
      : undefined,
    onePacket: words.includes("-o") || words.includes("--ops"),
  };
}

function parseDestination(words: readonly string[], forward = "", limits = ""): Destination {
  const asked = FORWARDING[words.find((word) => FORWARDING[word] !== undefined) as string] as Forwarding;
  const [, upper, lower] = /^(\d+) +(\d+)/.exec(limits) ?? [];
  const tunnel = parseTunnel(words);
  return {
    forwarding: forward.startsWith("Local ") ? "local" : asked,
    weight: Number(wordAfter(words, "-w")),
    upperThreshold: Number(upper ?? 0),
    lowerThreshold: Number(lower ?? 0),
    ...(tunnel && { tunnel }),
  };
}

function wordAfter(words: readonly string[], option: string): string | undefined {
  const at = words.indexOf(option);
  return at < 0 ? undefined : words[at + 1];
}

/** The words of a line. A regular expression would take three times as long, and a large table has tens of thousands of lines. */
function wordsOf(line: string): string[] {
  const words = line.split(" ");
  return words.includes("") ? words.filter((word) => word !== "") : words;
}

function parseTunnel(words: readonly string[]): Tunnel | undefined {
  const type = wordAfter(words, "--tun-type");
  if (type === undefined) return undefined;
  const names = Object.keys(CHECKSUMS) as (keyof typeof CHECKSUMS)[];
  const checksum = names.find((name) => words.includes(CHECKSUMS[name])) ?? "none";
  if (type === "gue") return { type, port: Number(wordAfter(words, "--tun-port")), checksum };
  return type === "gre" ? ({ type, checksum } as Tunnel) : undefined;
}

const TITLES: Readonly<Record<string, string>> = { TCP: "-t", UDP: "-u", SCTP: "--sctp-service", FWM: "-f" };

/** The text of a listing after the destination's name, by service and destination. */
function parseRows(listing: string): Map<string, Map<string, string>> {
  const table = new Map<string, Map<string, string>>();
  let service: Map<string, string> | undefined;
  for (const line of listing.split("\n")) {
    if (line.startsWith(ROW)) {
      const end = line.indexOf(" ", ROW.length);
      service?.set(line.slice(ROW.length, end < 0 ? undefined : end), end < 0 ? "" : line.slice(end).trim());
    } else {
      const [first = "", second = "", third] = wordsOf(line);
      const match = parseSpelled(`${TITLES[first]} ${second}${third === "IPv6" ? " -6" : ""}`);
      service = match && new Map();
      if (match && service) table.set(spelled(match), service);
    }
  }
  return table;
}

/** How a listing begins the line of a destination. */
const ROW = "  -> ";

/** The connections to these destinations together, from `ipvsadm -Ln` of their service: the open ones, and all others. */
export function connections(listing: string, match: Match, destinations: readonly string[]) {
  const rows = parseRows(listing).get(spelled(match));
  const columns = destinations.map((key) => wordsOf(rows?.get(key) ?? ""));
  const sum = (column: number) => columns.reduce((all, words) => all + Number(words[column] ?? 0), 0);
  return { active: sum(2), inactive: sum(3) };
}

/** What a listing's columns say of one destination. */
export type Columns = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** The columns after the destination's name, by service and destination: of `ipvsadm -Ln`, also with --rate or --stats. */
export function columnsOf(listing: string): Columns {
  const split = (rows: ReadonlyMap<string, string>) => new Map([...rows].map(([key, row]) => [key, wordsOf(row)]));
  return new Map([...parseRows(listing)].map(([service, rows]) => [service, split(rows)]));
}

// -A, -E, -a and -e set every option that is not given to its default. So each line has all options of its service or
// destination.

export function serviceLine(command: "-A" | "-E", match: Match, service: Omit<Service, "destinations">): string {
  const { persistence } = service;
  return [
    `${command} ${spelled(match)} -s ${service.scheduler}`,
    persistence && `-p ${persistence.timeout}`,
    persistence && persistence.mask !== singleClient(familyOfMatch(match)) && `-M ${persistence.mask}`,
    persistence?.engine && `--pe ${persistence.engine}`,
    service.onePacket && "-o",
    service.flags.length > 0 && `-b ${service.flags.join(",")}`,
  ]
    .filter(Boolean)
    .join(" ");
}

export function destinationLine(command: "-a" | "-e", match: Match, key: string, to: Destination): string {
  const { tunnel, forwarding } = to;
  // The kernel makes a destination local by itself if the address is the director's own. Of the options that can add such a
  // destination, only -m keeps another port, and only -i allows another address family.
  const local = familyOfMatch(match) === familyOfKey(key) ? "nat" : "tun";
  return [
    `${command} ${spelled(match)} -r ${key} ${LETTERS[forwarding === "local" ? local : forwarding]} -w ${to.weight}`,
    tunnel && `--tun-type ${tunnel.type}`,
    tunnel?.type === "gue" && `--tun-port ${tunnel.port}`,
    tunnel && CHECKSUMS[tunnel.checksum],
    (to.upperThreshold || to.lowerThreshold) && `-x ${to.upperThreshold} -y ${to.lowerThreshold}`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** The family of a destination's key. */
function familyOfKey(key: string): Family {
  return key.startsWith("[") ? "ipv6" : "ipv4";
}

/** The beginning of the line that `ipvsadm -Sn` prints for a destination. */
export function inTable(match: Match, key: string): string {
  return `-a ${printed(match)} -r ${key} `;
}

export function deleteService(match: Match): string {
  return `-D ${spelled(match)}`;
}

export function deleteDestination(match: Match, key: string): string {
  return `-d ${spelled(match)} -r ${key}`;
}

/**
 * One process of ipvsadm for all lines. Its exit status does not report the failure of a single line, so the table has to be
 * read again.
 */
export function editing(lines: readonly string[]): Command {
  // A line is one command. Another line end or a sign that no address has would make it another one.
  const strange = lines.find((line) => !/^[\w.:,[\] -]+$/.test(line));
  if (strange !== undefined) throw new LvsError(`${JSON.stringify(strange)} is no command of ipvsadm`);
  return { argv: ["ipvsadm", "-R"], stdin: `${lines.join("\n")}\n` };
}

/**
 * The same for what leaves. What has gone by itself meanwhile is no fault: a health checker deletes a destination that fails its
 * check. ipvsadm reports the last line alone by its exit status, and each line by its words.
 */
export function editingWhatIsThere(lines: readonly string[]): Command {
  const script = `said=$(ipvsadm "$1" 2>&1) && exit 0
    printf '%s\\n' "$said" | grep -vxF ${GONE.map((words) => `-e '${words}'`).join(" ")} >&2 && exit 1 || exit 0`;
  return { ...sh(script, "-R"), stdin: editing(lines).stdin };
}

/** What ipvsadm says of a destination or a service that is not there (ipvsadm(8) 1.31, libipvs/libipvs.c). */
const GONE = ["No such destination", "No such service", "Service not defined"];

/** How long the kernel keeps idle connections, in seconds. */
export interface Timeouts {
  readonly tcp: number;
  /** After the client's FIN. */
  readonly tcpFin: number;
  readonly udp: number;
}

/** Reads the output of `ipvsadm -L --timeout`; undefined if the output has no timeouts. */
export function parseTimeouts(listing: string): Timeouts | undefined {
  const [, tcp, tcpFin, udp] = /^Timeout \(tcp tcpfin udp\): (\d+) (\d+) (\d+)$/m.exec(listing) ?? [];
  return tcp === undefined ? undefined : { tcp: Number(tcp), tcpFin: Number(tcpFin), udp: Number(udp) };
}

export function setTimeouts({ tcp, tcpFin, udp }: Timeouts): string[] {
  return ["ipvsadm", "--set", String(tcp), String(tcpFin), String(udp)];
}
