import { hostPort } from "../reconcile/inputs";

// What ipvsadm(8) 1.31 prints and takes; the only file that knows its letters.

export type Forwarding = "nat" | "dr" | "tun";
export type Protocol = "tcp" | "udp" | "sctp";

/** One virtual service with its destinations, as the kernel holds them. */
export interface Service {
  readonly scheduler: string;
  /** Sorted. */
  readonly flags: readonly string[];
  readonly persistence?: Persistence | undefined;
  readonly onePacket: boolean;
  readonly destinations: Readonly<Record<string, Destination>>;
}

export interface Persistence {
  readonly timeout: number;
  readonly mask: string;
  readonly engine?: string | undefined;
}

export interface Destination {
  /** `local`: its address is the director's own, and the kernel delivers whatever was asked for. */
  readonly forwarding: Forwarding | "local";
  readonly weight: number;
  /** Connections above which it gets no new ones; 0 = no limit. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** Absent: plain IP in IP. */
  readonly tunnel?: Tunnel | undefined;
}

export type Tunnel =
  | { readonly type: "gue"; readonly port: number; readonly checksum: "none" | "full" | "remote" }
  | { readonly type: "gre"; readonly checksum: "none" | "full" };

/** What a service catches: "-t 10.0.0.1:80". */
export function match(protocol: Protocol, address: string, port: number): string {
  return `${{ tcp: "-t", udp: "-u", sctp: "--sctp-service" }[protocol]} ${hostPort(address, port)}`;
}

/** A service that catches a mark: "-f 99", "-f 99 -6". */
export function markMatch(mark: number, family: "ipv4" | "ipv6"): string {
  return `-f ${mark}${family === "ipv6" ? " -6" : ""}`;
}

const LETTERS: Readonly<Record<Forwarding, string>> = { nat: "-m", dr: "-g", tun: "-i" };
const FORWARDING: Readonly<Record<string, Forwarding>> = { "-m": "nat", "-g": "dr", "-i": "tun" };
const CHECKSUMS = { none: "--tun-nocsum", full: "--tun-csum", remote: "--tun-remcsum" } as const;

/** The netmask of persistence that ipvsadm leaves out: each client by itself. */
export function singleClient(ipv6: boolean): string {
  return ipv6 ? "128" : "255.255.255.255";
}

const isIpv6 = (match: string) => match.includes("[") || match.endsWith(" -6");

/** By match, in ipvsadm's letters: "-t 10.0.0.1:80", "-f 99". */
export type Table = Readonly<Record<string, Service>>;

/** What is asked of ipvsadm about one service, or about all. */
export interface Listings {
  /** `ipvsadm -Sn`, which leaves out thresholds, and prints `-g` for what is local. */
  readonly saved: string;
  /** `ipvsadm -Ln` of the service. */
  readonly listing: string;
  /** `ipvsadm -Ln --thresholds` of the service. */
  readonly thresholds: string;
}

/** All services. */
export function parseTable(listings: Listings): Table {
  const lines = listings.saved.split("\n").map((line) => line.trim().split(/\s+/));
  const matches = lines.filter(([command]) => command === "-A").map(([, ...words]) => matchIn(words));
  const services = matches.map((at) => [at, parseService(listings, at)] as const);
  return Object.fromEntries(services.filter(([, it]) => it !== undefined)) as Table;
}

function matchIn([letter, what, family]: readonly string[]): string {
  return `${letter} ${letter === "-f" ? unsigned(what) : what}${family === "-6" ? " -6" : ""}`;
}

// ipvsadm prints marks from 2^31 on as negative numbers, and takes none of those.

function unsigned(mark = ""): string {
  return mark.startsWith("-") ? String(Number(mark) + 2 ** 32) : mark;
}

/** What a service catches, as ipvsadm prints it. */
export function printed(match: string): string {
  return match.replace(/^-f (\d+)/, (_, mark) => `-f ${Number(mark) | 0}`);
}

/** The service of this match. */
export function parseService({ saved, listing, thresholds }: Listings, match: string): Service | undefined {
  let found: Omit<Service, "destinations"> | undefined;
  const destinations: Record<string, Destination> = {};
  const limits = rows(thresholds, match);
  const forwards = rows(listing, match);
  for (const line of saved.split("\n")) {
    const words = line.trim().split(/\s+/);
    const value = (option: string) => (words.includes(option) ? words[words.indexOf(option) + 1] : undefined);
    if (matchIn(words.slice(1)) !== match) continue;
    if (words[0] === "-A") {
      const [timeout, engine] = [value("-p"), value("--pe")];
      found = {
        scheduler: value("-s") as string,
        flags: value("-b")?.split(",").sort() ?? [],
        persistence: timeout
          ? { timeout: Number(timeout), mask: value("-M") ?? singleClient(isIpv6(match)), ...(engine && { engine }) }
          : undefined,
        onePacket: words.includes("-o") || words.includes("--ops"),
      };
    } else if (words[0] === "-a") {
      const key = value("-r") as string;
      const [upper, lower] = limits.get(key) ?? [];
      const tunnel = parseTunnel(words);
      destinations[key] = {
        forwarding:
          forwards.get(key)?.[0] === "Local"
            ? "local"
            : (FORWARDING[words.find((word) => word in FORWARDING) as string] as Forwarding),
        weight: Number(value("-w")),
        upperThreshold: Number(upper ?? 0),
        lowerThreshold: Number(lower ?? 0),
        ...(tunnel && { tunnel }),
      };
    }
  }
  return found && { ...found, destinations };
}

function parseTunnel(words: readonly string[]): Tunnel | undefined {
  const after = (option: string) => words[words.indexOf(option) + 1];
  const type = words.includes("--tun-type") ? after("--tun-type") : "ipip";
  const names = Object.keys(CHECKSUMS) as (keyof typeof CHECKSUMS)[];
  const checksum = names.find((name) => words.includes(CHECKSUMS[name])) ?? "none";
  if (type === "gue") return { type, port: Number(after("--tun-port")), checksum };
  return type === "gre" ? ({ type, checksum } as Tunnel) : undefined;
}

const TITLES: Readonly<Record<string, string>> = { TCP: "-t", UDP: "-u", SCTP: "--sctp-service", FWM: "-f" };

/** The columns that a listing has for each destination of the service. */
function rows(listing: string, match: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let ours = false;
  for (const line of listing.split("\n")) {
    const [first = "", second = "", ...rest] = line.trim().split(/\s+/);
    if (first === "->" && ours) found.set(second, rest);
    else if (first !== "->") ours = matchIn([`${TITLES[first]}`, second, rest[0] === "IPv6" ? "-6" : ""]) === match;
  }
  return found;
}

/** Connections that are open to a destination, from `ipvsadm -Ln` of one service. */
export function activeConnections(listing: string, match: string, destination: string): number {
  return Number(rows(listing, match).get(destination)?.[2] ?? 0);
}

// -A, -E, -a and -e set everything that is not given back to its default, so lines always carry the whole.

export function serviceLine(command: "-A" | "-E", match: string, service: Omit<Service, "destinations">): string {
  const { persistence } = service;
  return [
    `${command} ${match} -s ${service.scheduler}`,
    persistence && `-p ${persistence.timeout}`,
    persistence && persistence.mask !== singleClient(isIpv6(match)) && `-M ${persistence.mask}`,
    persistence?.engine && `--pe ${persistence.engine}`,
    service.onePacket && "-o",
    service.flags.length > 0 && `-b ${service.flags.join(",")}`,
  ]
    .filter(Boolean)
    .join(" ");
}

export function destinationLine(command: "-a" | "-e", match: string, key: string, to: Destination): string {
  const { tunnel, forwarding } = to;
  // What is local becomes so by itself; of the ways to ask for it, -m alone keeps its port, and -i crosses families.
  const local = isIpv6(match) === key.includes("[") ? "nat" : "tun";
  return [
    `${command} ${match} -r ${key} ${LETTERS[forwarding === "local" ? local : forwarding]} -w ${to.weight}`,
    tunnel && `--tun-type ${tunnel.type}`,
    tunnel?.type === "gue" && `--tun-port ${tunnel.port}`,
    tunnel && CHECKSUMS[tunnel.checksum],
    (to.upperThreshold || to.lowerThreshold) && `-x ${to.upperThreshold} -y ${to.lowerThreshold}`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** How long the kernel keeps connections that are idle, in seconds. */
export interface Timeouts {
  readonly tcp: number;
  /** After the client's FIN. */
  readonly tcpFin: number;
  readonly udp: number;
}

/** From `ipvsadm -L --timeout`. */
export function parseTimeouts(listing: string): Timeouts | undefined {
  const [, tcp, tcpFin, udp] = /^Timeout \(tcp tcpfin udp\): (\d+) (\d+) (\d+)$/m.exec(listing) ?? [];
  return tcp === undefined ? undefined : { tcp: Number(tcp), tcpFin: Number(tcpFin), udp: Number(udp) };
}

export function setTimeouts({ tcp, tcpFin, udp }: Timeouts): string[] {
  return ["ipvsadm", "--set", String(tcp), String(tcpFin), String(udp)];
}
