import {
  type Forwarding,
  hostPort,
  isAddress,
  matchKey,
  normalAddress,
  parseHostPort,
} from "pulumi-lvs-provider/model";
import type { Found, FoundService } from "./found";

/** A real server that a file names. */
interface Named {
  readonly address: string;
  readonly port: number;
  readonly forwarding: Forwarding;
}

/**
 * The service with those of its real servers that are out of the kernel's table now, because they fail their checks: the daemon's
 * file names them.
 */
export function withServersOut(director: Found, service: FoundService): FoundService {
  const inTable = new Set(Object.keys(service.destinations).map((key) => parseHostPort(key)?.address));
  const out = named(director, service).filter(({ address }) => !inTable.has(address));
  const destinations = Object.fromEntries(
    out.map(({ address, port, forwarding }) => [
      hostPort(address, port),
      { forwarding, weight: 0, upperThreshold: 0, lowerThreshold: 0 },
    ]),
  );
  return out.length === 0 ? service : { ...service, destinations: { ...service.destinations, ...destinations } };
}

const KINDS: Readonly<Record<string, Forwarding>> = { NAT: "nat", DR: "dr", TUN: "tun" };

function named({ ldirectord, keepalived }: Found, { match }: FoundService): readonly Named[] {
  const key = matchKey(match);
  const virtual = ldirectord?.virtuals.find((one) => matchKey(one.match) === key);
  if (virtual) return virtual.real;
  const kept = keepalived?.services.find((one) => matchKey(one.match) === key);
  const server = keepalived?.statements.find(
    ({ words, line, file }) => words[0] === "virtual_server" && line === kept?.line && file === kept?.file,
  );
  const block = server?.block ?? [];
  const word = (...names: string[]) => block.find(({ words }) => names.includes(words[0] as string))?.words[1];
  const whole = KINDS[word("lb_kind", "lvs_method") ?? ""];
  return block.flatMap(({ words: [first, address = "", port], block: own }): Named[] => {
    const its = KINDS[own.find(({ words }) => words[0] === "lvs_method")?.words[1] ?? ""] ?? whole;
    if (first !== "real_server" || !isAddress(address) || !its) return [];
    return [
      { address: normalAddress(address), port: Number(port ?? ("port" in match ? match.port : 0)), forwarding: its },
    ];
  });
}
