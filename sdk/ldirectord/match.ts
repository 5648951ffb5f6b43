import { destinationKey, parseAddress } from "../model/address";

/** What a virtual service of ldirectord catches. */
export type LdirectordMatch =
  | { readonly mark: number; readonly ipv6: boolean }
  | { readonly address: string; readonly port: number; readonly protocol: "tcp" | "udp"; readonly ipv6: boolean };

/** "10.0.0.1:80", "[2001:db8::1]:53/udp", "99" and "99/ipv6": a mark. */
export function parseLdirectordMatch(key: string): LdirectordMatch | undefined {
  const [what = "", kind] = key.split("/");
  if (/^[1-9]\d{0,9}$/.test(what) && Number(what) <= 0xffffffff && (kind === undefined || kind === "ipv6"))
    return { mark: Number(what), ipv6: kind === "ipv6" };
  const pair = parsePair(what);
  if (!pair || pair.port === 0 || (kind !== undefined && kind !== "tcp" && kind !== "udp")) return undefined;
  return { ...pair, protocol: kind ?? "tcp", ipv6: pair.address.includes(":") };
}

/** "10.0.0.2:80" or "[2001:db8::2]:80". */
export function parsePair(key: string): { address: string; port: number } | undefined {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(key) ?? [];
  const address = parseAddress(six ?? four ?? "");
  return address && Number(port) <= 65535 ? { address: address.toString(), port: Number(port) } : undefined;
}

/** One spelling for equal matches. */
export function ldirectordKey(match: LdirectordMatch): string {
  if ("mark" in match) return `${match.mark}${match.ipv6 ? "/ipv6" : ""}`;
  return `${destinationKey(match.address, match.port)}${match.protocol === "udp" ? "/udp" : ""}`;
}

// ldirectord, ld_port_to_service.
const SERVICES: Readonly<Record<number, string>> = {
  21: "ftp",
  25: "smtp",
  53: "dns",
  80: "http",
  110: "pop",
  119: "nntp",
  143: "imap",
  389: "ldap",
  443: "https",
  587: "submission",
  636: "ldaps",
  993: "imaps",
  995: "pops",
  1521: "oracle",
  1812: "radius",
  3128: "http_proxy",
  3306: "mysql",
  5060: "sip",
  5432: "pgsql",
};

/** What ldirectord takes a port for. */
export function serviceOfPort(port: number): string {
  return SERVICES[port] ?? "none";
}
