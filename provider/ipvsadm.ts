import { hostPort } from "./inputs";

// What ipvsadm(8) 1.31 prints and takes; the only file that knows its letters.

export type Forwarding = "nat" | "dr" | "tun";
export type Protocol = "tcp" | "udp" | "sctp";

/** One virtual service with its destinations, as the kernel holds them. */
export interface Service {
  readonly scheduler: string;
  /** Sorted. */
  readonly flags: readonly string[];
  readonly persistence?: { readonly timeout: number; readonly mask: string } | undefined;
  readonly onePacket: boolean;
  readonly destinations: Readonly<Record<string, Destination>>;
}

export interface Destination {
  readonly forwarding: Forwarding;
  readonly weight: number;
  /** Connections above which it gets no new ones; 0 = no limit. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
}

/** What a service catches: "-t 10.0.0.1:80". */
export function match(protocol: Protocol, address: string, port: number): string {
  return `${{ tcp: "-t", udp: "-u", sctp: "--sctp-service" }[protocol]} ${hostPort(address, port)}`;
}

const LETTERS: Readonly<Record<Forwarding, string>> = { nat: "-m", dr: "-g", tun: "-i" };
const FORWARDING: Readonly<Record<string, Forwarding>> = { "-m": "nat", "-g": "dr", "-i": "tun" };

/** The netmask of persistence that ipvsadm leaves out: each client by itself. */
export function singleClient(ipv6: boolean): string {
  return ipv6 ? "128" : "255.255.255.255";
}

const isIpv6 = (match: string) => match.includes("[");

/** The service of this match, read from `ipvsadm -Sn` and `ipvsadm -Ln --thresholds` (which -S leaves out). */
export function parseService(saved: string, thresholds: string, match: string): Service | undefined {
  let found: Omit<Service, "destinations"> | undefined;
  const destinations: Record<string, Destination> = {};
  const limits = parseThresholds(thresholds, match);
  for (const line of saved.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (`${words[1]} ${words[2]}` !== match) continue;
    const value = (option: string) => (words.includes(option) ? words[words.indexOf(option) + 1] : undefined);
    if (words[0] === "-A") {
      const timeout = value("-p");
      found = {
        scheduler: value("-s") as string,
        flags: value("-b")?.split(",").sort() ?? [],
        persistence: timeout
          ? { timeout: Number(timeout), mask: value("-M") ?? singleClient(isIpv6(match)) }
          : undefined,
        onePacket: words.includes("-o") || words.includes("--ops"),
      };
    } else if (words[0] === "-a") {
      const key = value("-r") as string;
      destinations[key] = {
        forwarding: FORWARDING[words.find((word) => word in FORWARDING) as string] as Forwarding,
        weight: Number(value("-w")),
        ...(limits.get(key) ?? { upperThreshold: 0, lowerThreshold: 0 }),
      };
    }
  }
  return found && { ...found, destinations };
}

type Limits = Pick<Destination, "upperThreshold" | "lowerThreshold">;

const TITLES: Readonly<Record<string, string>> = { TCP: "-t", UDP: "-u", SCTP: "--sctp-service" };

function parseThresholds(listing: string, match: string): Map<string, Limits> {
  const limits = new Map<string, Limits>();
  let ours = false;
  for (const line of listing.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (words[0] === "->" && ours)
      limits.set(words[1] as string, { upperThreshold: Number(words[2]), lowerThreshold: Number(words[3]) });
    else if (words[0] !== "->") ours = `${TITLES[words[0] as string]} ${words[1]}` === match;
  }
  return limits;
}

/** Connections that are open to a destination, from `ipvsadm -Ln` of one service. */
export function activeConnections(listing: string, destination: string): number {
  const line = listing.split("\n").find((text) => text.trim().startsWith(`-> ${destination} `));
  return line ? Number(line.trim().split(/\s+/)[4]) : 0;
}

// -A, -E, -a and -e set everything that is not given back to its default, so lines always carry the whole.

export function serviceLine(command: "-A" | "-E", match: string, service: Omit<Service, "destinations">): string {
  const { persistence } = service;
  return [
    `${command} ${match} -s ${service.scheduler}`,
    persistence && `-p ${persistence.timeout}`,
    persistence && persistence.mask !== singleClient(isIpv6(match)) && `-M ${persistence.mask}`,
    service.onePacket && "-o",
    service.flags.length > 0 && `-b ${service.flags.join(",")}`,
  ]
    .filter(Boolean)
    .join(" ");
}

export function destinationLine(command: "-a" | "-e", match: string, key: string, to: Destination): string {
  const limits = to.upperThreshold || to.lowerThreshold ? ` -x ${to.upperThreshold} -y ${to.lowerThreshold}` : "";
  return `${command} ${match} -r ${key} ${LETTERS[to.forwarding]} -w ${to.weight}${limits}`;
}
