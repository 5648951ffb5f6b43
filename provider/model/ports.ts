import type { Protocol } from "./match";
import { isWithin, PORT, whyNot } from "./ranges";

// A port, or a range of ports like "8000-8010". The normal spelling stands here once, for all code that declares or compares
// them.

/** The first and the last port of a port or a range; undefined if the text is neither. */
export function parsePorts(given: number | string): [number, number] | undefined {
  const [, first, last = first] = /^(0|[1-9]\d{0,4})(?:-(0|[1-9]\d{0,4}))?$/.exec(String(given)) ?? [];
  return first === undefined ? undefined : [Number(first), Number(last)];
}

/** Why a declared value is neither a port nor a range; undefined if the value is one of them. */
export function whyNoPorts(given: number | string): string | undefined {
  const range = parsePorts(given);
  if (!range) return `"${given}" is neither a port nor a range: write it like 443 or "8000-8010"`;
  if (range[0] < PORT.least || range[1] > PORT.most) return `give a port from ${PORT.least} to ${PORT.most}`;
  return range[0] > range[1] ? `"${given}" ends before it begins: write the lower port first` : undefined;
}

/** A port as a number, a range as a text. */
export function normalPorts([first, last]: readonly [number, number]): number | string {
  return first === last ? first : `${first}-${last}`;
}

/** A port of TCP as a number; with another protocol as a text, like "443/udp". */
export type ServedPort = number | `${number}/${Protocol}`;

/** A port that clients connect to, with its protocol. */
export interface PortOf {
  readonly protocol: Protocol;
  readonly port: number;
}

/** Reads a port like 443 or "443/udp"; undefined of anything else. */
export function parseServedPort(given: unknown): PortOf | undefined {
  if (typeof given === "number") return isWithin(given, PORT) ? { protocol: "tcp", port: given } : undefined;
  const [, port, protocol] = /^([1-9]\d{0,4})\/(tcp|udp|sctp)$/.exec(String(given)) ?? [];
  return isWithin(Number(port), PORT) ? { protocol: protocol as Protocol, port: Number(port) } : undefined;
}

/** The normal spelling of a port with its protocol. */
export function servedPort({ protocol, port }: PortOf): ServedPort {
  return protocol === "tcp" ? port : `${port}/${protocol}`;
}

/** Why a declared value is no port that clients connect to; undefined if it is one. */
export function whyNoServedPort(given: unknown): string | undefined {
  if (typeof given !== "string" || !given.includes("/")) return whyNot(given, PORT);
  return parseServedPort(given) ? undefined : `"${given}" is no port: give one like 53, or "53/udp" (udp, sctp, tcp)`;
}

/** Ports by their protocols, TCP first. */
export function portsByProtocol(ports: readonly PortOf[]): Map<Protocol, number[]> {
  const all = (["tcp", "udp", "sctp"] as const).map((protocol): [Protocol, number[]] => [
    protocol,
    ports.flatMap((one) => (one.protocol === protocol ? [one.port] : [])),
  ]);
  return new Map(all.filter(([, own]) => own.length > 0));
}
