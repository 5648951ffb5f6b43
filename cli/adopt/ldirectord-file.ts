import { type Family, hostPort, type Match, matchKey } from "pulumi-lvs-provider/model";
import { DIRECTIVES, GLOBALS } from "./ldirectord-rules";
import {
  addressOf,
  type Fallback,
  fallbackOf,
  type LdirectordReal,
  type Place,
  realServers,
} from "./ldirectord-servers";
import { type Names, Refused } from "./refused";

// Reads ldirectord.cf as ldirectord 4.12 itself does (read_config and what it calls). The patterns are deliberately as
// loose as those of the program: what it takes, an administrator may have written.

export interface LdirectordFile {
  /** The directives that stand before the services, by name; of repeated ones the last. */
  readonly globals: Readonly<Record<string, Directive>>;
  /** Who stands in where a service says nobody, by the family of the service. */
  readonly fallbacks: Readonly<Partial<Record<Family, Fallback>>>;
  readonly virtuals: readonly LdirectordVirtual[];
}

export interface Directive {
  readonly value: string;
  readonly line: number;
}

export interface LdirectordVirtual {
  readonly match: Match;
  readonly line: number;
  readonly real: readonly LdirectordReal[];
  readonly fallback: Fallback | undefined;
  /** The other directives of the service, by name; of repeated ones the last. */
  readonly directives: Readonly<Record<string, Directive>>;
}

/** @throws Refused where ldirectord would refuse the file, or a name in it has no meaning on the host */
export function readLdirectordFile(text: string, names: Names, file = "ldirectord.cf"): LdirectordFile {
  const globals: Record<string, Directive> = {};
  const fallbacks: Partial<Record<Family, Fallback>> = {};
  const virtuals: LdirectordVirtual[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    const [, six, what] = /^virtual(6)?\s*=\s*(.*)/.exec(line) ?? [];
    if (what === undefined) {
      const everybody = /^fallback(6)?\s*=\s*(.*)/s.exec(line);
      const family = everybody?.[1] ? "ipv6" : "ipv4";
      if (everybody) fallbacks[family] = fallbackOf({ file, names, family, line: ++at }, everybody[2] ?? "", undefined);
      else readGlobal(line, ++at, file, globals);
      continue;
    }
    const block = blockAt(lines, at + 1);
    virtuals.push(readVirtual({ file, names, family: six ? "ipv6" : "ipv4", line: at + 1 }, what, block.directives));
    at = block.end;
  }
  refuseRepeated(virtuals, file);
  return { globals, fallbacks, virtuals };
}

/** The directives of a service: indented lines. Lines that are comments alone do not end them, an empty line does. */
function blockAt(lines: readonly string[], from: number): { directives: Directive[]; end: number } {
  const directives: Directive[] = [];
  let at = from;
  for (; at < lines.length; at++) {
    const line = lines[at] as string;
    if (/^\s*#/.test(line)) continue;
    const value = /^ {4,}(.+)/s.exec(line.replace(/#.*/, "").replaceAll("\t", "    "))?.[1];
    if (value === undefined) break;
    directives.push({ value, line: at + 1 });
  }
  return { directives, end: at };
}

function readGlobal(text: string, line: number, file: string, globals: Record<string, Directive>): void {
  if (/^\s*(#|$)/.test(text)) return;
  if (/^supervised\s*$/.test(text)) return;
  // A value keeps the blanks at its end, and the carriage return of a file from Windows: so does ldirectord.
  const [, name = "", value = ""] = /^(\w+)\s*=\s*(.*)/s.exec(text) ?? [];
  refuseDeprecated(name, file, line);
  const rule = GLOBALS[name];
  if (!rule) throw new Refused(file, line, `ldirectord refuses the unknown command "${text.trim()}"`);
  if (!rule[0].test(value)) throw new Refused(file, line, `ldirectord refuses it: ${rule[1]}`);
  globals[name] = { value, line };
}

function refuseDeprecated(name: string, file: string, line: number): void {
  if (name === "connecttimeout")
    throw new Refused(file, line, "ldirectord refuses connecttimeout: write negotiatetimeout");
  if (name === "timeout")
    throw new Refused(file, line, "ldirectord refuses timeout: write checktimeout and negotiatetimeout");
}

function readVirtual(place: Place, what: string, block: readonly Directive[]): LdirectordVirtual {
  const { file, family, line } = place;
  const six = family === "ipv6" ? "6" : "";
  const directives: Record<string, Directive> = {};
  const real: Directive[] = [];
  let fallback: Directive | undefined;
  for (const { value: text, line } of block) {
    const [, name = "", whole = ""] = /^(\w+)\s*=\s*(.*)/s.exec(text) ?? [];
    const given = whole.trimEnd();
    const base = name.replace(/6$/, "");
    if (base === "real" || base === "fallback") {
      if (name !== base + six) throw new Refused(file, line, `ldirectord refuses ${name} here: write ${base}${six}`);
      if (base === "real") real.push({ value: given, line });
      else fallback = { value: given, line };
      continue;
    }
    refuseDeprecated(name, file, line);
    const rule = DIRECTIVES[name];
    if (!rule) throw new Refused(file, line, `ldirectord refuses the unknown command "${text.trim()}"`);
    if (!rule[0].test(whole)) throw new Refused(file, line, `ldirectord refuses it: ${rule[1]}`);
    if (name !== "protocol") directives[name] = { value: unquoted(name, given), line };
    else directives[name] = { value: /\w+/.exec(given)?.[0] ?? "", line };
  }
  const { netmask } = directives;
  if (netmask && netmask.value.includes(".") === (family === "ipv6"))
    throw new Refused(
      file,
      netmask.line,
      "ldirectord refuses it: a netmask is dotted for IPv4, a prefix length for IPv6",
    );
  const match = matchOf(place, what, directives.protocol);
  const servers = real.flatMap((one) => realServers({ ...place, line: one.line }, one.value));
  return {
    ...{ match, line, directives },
    real: servers,
    fallback: fallback && fallbackOf({ ...place, line: fallback.line }, fallback.value, match),
  };
}

function unquoted(name: string, value: string): string {
  if (QUOTES.has(name)) return /^"(.*)"/.exec(value)?.[1] ?? value;
  return value;
}
const QUOTES = new Set(
  "request receive login passwd database secret load checkcommand fallbackcommand monitorfile virtualhost".split(" "),
);

/** What a service matches. Without a protocol it is TCP, and UDP on the port of the DNS. */
function matchOf(place: Place, what: string, protocol: Directive | undefined): Match {
  const { file, family, line, names } = place;
  const [, four, name, six, port] =
    /^(?:(\d+\.\d+\.\d+\.\d+)|([0-9A-Za-z._+-]+)|\[([0-9A-Fa-f:]+)\]):([0-9A-Za-z_-]+)/.exec(what) ?? [];
  if (port === undefined) {
    const mark = /^(\d+)/.exec(what)?.[1];
    if (mark === undefined) throw new Refused(file, line, "ldirectord refuses it: invalid address for virtual server");
    if (protocol && protocol.value !== "fwm")
      throw new Refused(
        file,
        protocol.line,
        "ldirectord refuses it: protocol must be fwm if the virtual service is a mark",
      );
    return { mark: Number(mark), family };
  }
  if (six !== undefined && family === "ipv4")
    throw new Refused(file, line, "ldirectord refuses an IPv6 address here: write virtual6");
  if (protocol && !/^(tcp|udp)$/.test(protocol.value))
    throw new Refused(
      file,
      protocol.line,
      "ldirectord refuses it: protocol must be tcp or udp if the virtual service is an address and port",
    );
  const by = (protocol?.value ?? (/^(53|domain)$/.test(port) ? "udp" : "tcp")) as "tcp" | "udp";
  const address = addressOf(place, (four ?? name ?? six) as string, "virtual service");
  const number = names.port(port, by);
  if (number === undefined) throw new Refused(file, line, `the host knows no ${by} port named "${port}"`);
  if (number === 0)
    throw new Refused(
      file,
      line,
      "a service of every port (port 0) is none that the program can declare for ldirectord: have a mark in its place (virtual=99)",
    );
  return { protocol: by, address, port: number };
}

/**
 * ldirectord refuses a service that stands twice. A real server that stands twice in one service it takes, and counts it
 * twice; the kernel has it once.
 */
function refuseRepeated(virtuals: readonly LdirectordVirtual[], file: string): void {
  const seen = new Map<string, number>();
  for (const { match, line, real } of virtuals) {
    const key = matchKey(match);
    const before = seen.get(key);
    if (before !== undefined)
      throw new Refused(file, line, `ldirectord refuses the service ${key}: it stands in line ${before} already`);
    seen.set(key, line);
    const servers = new Map<string, number>();
    for (const { address, port, line } of real) {
      const name = hostPort(address, port);
      const first = servers.get(name);
      if (first !== undefined)
        throw new Refused(
          file,
          line,
          `the real server ${name} of ${key} stands in line ${first} already: ldirectord takes both, and the kernel has one. Delete one of them`,
        );
      servers.set(name, line);
    }
  }
}
