import { bracketed, familyOf, isAddress, type Match, parseMatchKey } from "../model";
import type { Resource } from "./resource";

/** What a service catches of one address. */
export interface Caught {
  readonly protocol: string;
  readonly address: string;
  /** Ports and ranges. Port 0 stands for every port. */
  readonly ports: readonly string[];
}

/** What a service catches, as the resources of its director declare it: of a mark, what their rules mark. */
export function caughtBy(own: readonly Resource[], match: Match): Caught[] {
  if (!("mark" in match)) return [{ ...match, ports: [String(match.port)] }];
  return own.flatMap(({ kind, inputs }) => {
    const { mark, protocol, address, ports } = inputs;
    if (kind !== "FirewallMark" || mark !== match.mark || !Array.isArray(ports) || ports.length === 0) return [];
    // An address may come later.
    if (typeof address !== "string" || (isAddress(address) && familyOf(address) !== match.family)) return [];
    return [{ protocol: typeof protocol === "string" ? protocol : "tcp", address, ports: ports.map(String) }];
  });
}

/** "tcp 192.0.2.80:80, 443" */
export function caughtText({ protocol, address, ports }: Caught): string {
  return ports.join() === "0"
    ? `${protocol} ${address}, every port`
    : `${protocol} ${bracketed(address)}:${ports.join(", ")}`;
}

/** The services of a director, those of a mark with what is marked. */
export function withMarked<S extends { readonly service: string }>(services: readonly S[], own: readonly Resource[]) {
  return services.map((service): S & { readonly marked?: readonly string[] } => {
    const match = parseMatchKey(service.service);
    const marked = match && "mark" in match ? caughtBy(own, match).map(caughtText) : [];
    return marked.length > 0 ? { ...service, marked } : service;
  });
}
