import { type Family, familyOf } from "./address";
import { hostPort, parseHostPort } from "./host-port";
import { isWithin, MARK } from "./ranges";

/**
 * How a packet reaches a real server: through address translation, by rewriting its link-layer address (direct routing), or
 * in a tunnel.
 */
export type Forwarding = "nat" | "dr" | "tun";

/** The transport protocols that IPVS balances. */
export type Protocol = "tcp" | "udp" | "sctp";

/**
 * Which packets a virtual service catches: those to an address and a port, or those with a mark. Port 0 stands for every port
 * that no other service of the address catches.
 */
export type Match =
  | { readonly protocol: Protocol; readonly address: string; readonly port: number }
  | { readonly mark: number; readonly family: Family };

export function familyOfMatch(match: Match): Family {
  return "mark" in match ? match.family : familyOf(match.address);
}

/** The service's name in a host's ledger and in messages: "tcp 10.0.0.1:80", "mark 99", "mark 99 ipv6". */
export function matchName(match: Match): string {
  if ("mark" in match) return `mark ${match.mark}${match.family === "ipv6" ? " ipv6" : ""}`;
  return `${match.protocol} ${hostPort(match.address, match.port)}`;
}

/** The service's key in a declaration of several services: "10.0.0.1:80", "[2001:db8::1]:53/udp", "99", "99/ipv6". */
export function matchKey(match: Match): string {
  if ("mark" in match) return `${match.mark}${match.family === "ipv6" ? "/ipv6" : ""}`;
  return `${hostPort(match.address, match.port)}${match.protocol === "tcp" ? "" : `/${match.protocol}`}`;
}

/** The virtual address in a key that `matchKey` makes; undefined of a mark. */
export function addressInKey(key: string): string | undefined {
  return parseHostPort(key.replace(/\/\w+$/, ""))?.address;
}

/** Reads a key that `matchKey` makes. The address is returned in its normal form. */
export function parseMatchKey(key: string): Match | undefined {
  const [what = "", kind, more] = key.split("/");
  if (more !== undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(what) && isWithin(Number(what), MARK))
    return kind === undefined || kind === "ipv6" ? { mark: Number(what), family: kind ?? "ipv4" } : undefined;
  const pair = parseHostPort(what);
  const protocol = (["tcp", "udp", "sctp"] as const).find((one) => one === (kind ?? "tcp"));
  return pair && pair.port !== 0 && protocol ? { protocol, ...pair } : undefined;
}
