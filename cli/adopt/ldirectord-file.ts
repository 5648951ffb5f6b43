import {
  type Family,
  type Forwarding,
  hostPort,
  isAddress,
  type Match,
  matchKey,
  normalAddress,
} from "pulumi-lvs-provider/model";
import { DIRECTIVES, GLOBALS } from "./ldirectord-rules";
import { type Names, Refused } from "./refused";

// Reads ldirectord.cf as ldirectord 4.12 itself does (read_config and what it calls). The patterns are deliberately as
// loose as those of the program: what it takes, an administrator may have written.

export interface LdirectordFile {
  /** The directives that stand before the services, by name; of repeated ones the last. */
  readonly globals: Readonly<Record<string, Directive>>;
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
  readonly fallback:
    | { readonly address: string; readonly port: number | undefined; readonly forwarding: Forwarding }
    | undefined;
  /** The other directives of the service, by name; of repeated ones the last. */
  readonly directives: Readonly<Record<string, Directive>>;
}

export interface LdirectordReal {
  readonly address: string;
  readonly port: number;
  readonly forwarding: Forwarding;
  readonly weight: number;
  readonly lowerThreshold: number;
  readonly upperThreshold: number;
  /** What a check of this server asks for and expects, where the line says it. */
  readonly request?: string | undefined;
  readonly receive?: string | undefined;
  readonly line: number;
}

const METHODS: Readonly<Record<string, Forwarding>> = { masq: "nat", gate: "dr", ipip: "tun" };
/** @throws Refused where ldirectord would refuse the file, or a name in it has no meaning on the host */
export function readLdirectordFile(text: string, names: Names, file = "ldirectord.cf"): LdirectordFile {
  const globals: Record<string, Directive> = {};
  const virtuals: LdirectordVirtual[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    const [, six, what] = /^virtual(6)?\s*=\s*(.*)/.exec(line) ?? [];
    if (what === undefined) {
      readGlobal(line, ++at, file, globals);
      continue;
    }
    const block = blockAt(lines, at + 1);
    virtuals.push(readVirtual({ file, names, family: six ? "ipv6" : "ipv4", line: at + 1 }, what, block.directives));
    at = block.end;
  }
  refuseRepeated(virtuals, file);
  return { globals, virtuals };
}

/** The directives of a service: indented lines. Lines that are comments alone do not end them, an empty line does. */
function blockAt(lines: readonly string[], from: number): { directives: Directive[]; end: number } {
  const directives: Directive[] = [];
  let at = from;
  for (; at < lines.length; at++) {
    const line = lines[at] as string;
    if (/^\s*#/.test(line)) continue;
    const value = /^ {4,}(.+)/.exec(line.replace(/#.*/, "").replaceAll("\t", "    "))?.[1];
    if (value === undefined) break;
    directives.push({ value, line: at + 1 });
  }
  return { directives, end: at };
}

function readGlobal(text: string, line: number, file: string, globals: Record<string, Directive>): void {
  if (/^\s*(#|$)/.test(text)) return;
  if (/^supervised\s*$/.test(text)) return;
  const [, name = "", value = ""] = /^(\w+)\s*=\s*(.*)/.exec(text) ?? [];
  if (/^fallback6?$/.test(name)) {
    globals[name] = { value, line };
    return;
  }
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

interface Place {
  readonly file: string;
  readonly names: Names;
  readonly family: Family;
  readonly line: number;
}

function readVirtual(place: Place, what: string, block: readonly Directive[]): LdirectordVirtual {
  const { file, family, line } = place;
  const six = family === "ipv6" ? "6" : "";
  const directives: Record<string, Directive> = {};
  const real: Directive[] = [];
  let fallback: Directive | undefined;
  for (const { value: text, line } of block) {
    const [, name = "", given = ""] = /^(\w+)\s*=\s*(.*?)\s*$/.exec(text) ?? [];
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
    if (!rule[0].test(given)) throw new Refused(file, line, `ldirectord refuses it: ${rule[1]}`);
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
  if (!number) throw new Refused(file, line, `the host knows no ${by} port named "${port}"`);
  return { protocol: by, address, port: number };
}

function addressOf({ file, line, names, family }: Place, text: string, of: string): string {
  const plain = text.replace(/^\[|\]$/g, "");
  if (isAddress(plain) && plain.includes(":") === (family === "ipv6")) return normalAddress(plain);
  const found = isAddress(plain) ? undefined : names.address(plain, family);
  if (found === undefined)
    throw new Refused(
      file,
      line,
      `"${text}" of the ${of} is no address of ${family === "ipv6" ? "IPv6" : "IPv4"}, and the host knows no such name`,
    );
  return normalAddress(found);
}

const SERVER =
  /(\d+\.\d+\.\d+\.\d+|[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?:->(\d+\.\d+\.\d+\.\d+|[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]))?(?::(\d+|[A-Za-z0-9_-]+))?\s+(.*)/;
const OPTIONS = /^(?:\s+(\d+))?(?:\s+"(.*)"[, ]\s*"(.*)")?(?:\s+l:(\d+))?(?:\s+u:(\d+))?\s*$/;

function realServers(place: Place, text: string): LdirectordReal[] {
  const { file, line, names } = place;
  const [, first, last, port = "0", rest = ""] = SERVER.exec(`${text} `) ?? [];
  const [, method = "", options = ""] = /(\w+)(.*)/.exec(rest) ?? [];
  if (first === undefined) throw new Refused(file, line, "ldirectord refuses it: invalid address for real server");
  const forwarding = METHODS[method];
  if (!forwarding) throw new Refused(file, line, "ldirectord refuses it: forward method must be gate, masq or ipip");
  const number = port === "0" ? 0 : names.port(port);
  if (number === undefined) throw new Refused(file, line, `the host knows no port named "${port}"`);
  const more = OPTIONS.exec(options.trimEnd());
  if (!more)
    throw new Refused(file, line, `ldirectord refuses it: invalid real server line, around "${options.trim()}"`);
  const [, weight = "1", request, receive, lower = "0", upper = "0"] = more;
  const how = {
    ...{ port: number, forwarding, weight: Number(weight), line },
    ...{ lowerThreshold: Number(lower), upperThreshold: Number(upper) },
    ...(request !== undefined && { request, receive }),
  };
  const from = addressOf(place, first, "real server");
  const addresses = last === undefined ? [from] : range(place, from, addressOf(place, last, "real server"));
  return addresses.map((address) => ({ address, ...how }));
}

/** The addresses of a range. The kernel takes 65535 destinations at most; a range of more is a slip. */
function range({ file, line, family }: Place, first: string, last: string): string[] {
  if (family === "ipv6") throw new Refused(file, line, "ldirectord refuses a range of IPv6 addresses");
  const number = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const [from, to] = [number(first), number(last)];
  if (to < from)
    throw new Refused(file, line, `ldirectord refuses the range ${first}->${last}: it ends before it begins`);
  if (to - from > 65_535) throw new Refused(file, line, `the range ${first}->${last} has ${to - from + 1} addresses`);
  return Array.from({ length: to - from + 1 }, (_, i) =>
    [24, 16, 8, 0].map((bits) => Math.floor((from + i) / 2 ** bits) % 256).join("."),
  );
}

function fallbackOf(place: Place, text: string, match: Match | undefined): LdirectordVirtual["fallback"] {
  const { file, line, names } = place;
  const [, server = "", method] = /(\S+)(?:\s+(\S+))?\s*$/.exec(text) ?? [];
  const [, host = "", port] = /^(.*?)(?::([0-9A-Za-z_-]+))?$/.exec(server) ?? [];
  const forwarding = METHODS[method ?? "gate"];
  if (!forwarding) throw new Refused(file, line, "ldirectord refuses it: forward method must be gate, masq or ipip");
  const own = match && "port" in match ? match.port : undefined;
  const number = port === undefined ? own : names.port(port, match && "protocol" in match ? match.protocol : undefined);
  if (port !== undefined && number === undefined)
    throw new Refused(file, line, `the host knows no port named "${port}"`);
  return { address: addressOf(place, host, "fallback"), port: number, forwarding };
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
