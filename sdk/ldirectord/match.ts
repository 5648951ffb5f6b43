import { type Match, parseMatchKey } from "pulumi-lvs-provider/model";

/** Reads what a virtual service of ldirectord matches. ldirectord has no SCTP. */
export function parseLdirectordMatch(key: string): Match | undefined {
  const match = parseMatchKey(key);
  return match && "protocol" in match && match.protocol === "sctp" ? undefined : match;
}

// From ldirectord's source: ld_port_to_service.
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

/** The service that ldirectord expects on a port. */
export function serviceOfPort(port: number): string {
  return SERVICES[port] ?? "none";
}
