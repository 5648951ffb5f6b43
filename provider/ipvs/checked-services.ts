import { z } from "zod";
import {
  familyOfMatch,
  hostPort,
  type Match,
  matchKey,
  matchName,
  parseHostPort,
  parseMatchKey,
  singleClient,
} from "../model";
import { address } from "../reconcile/inputs";
import { entryName } from "../reconcile/ledger";
import type { Checked } from "./health-table";
import { forwarding, persistence, schedulerFlags, threshold, weight } from "./service-inputs";
import type { Service } from "./table";

// The declaration of virtual services that a health checker manages. The keys are matches: "10.0.0.1:80",
// "[2001:db8::1]:53/udp", and "99" or "99/ipv6" for a mark.

const service = z.object({
  scheduler: z
    .string()
    .regex(/^[a-z]+$/, "a scheduler's name has small letters alone")
    .default("wrr"),
  schedulerFlags: schedulerFlags(z.string().regex(/^[a-z0-9-]+$/)),
  persistence: z.object(persistence).optional(),
  onePacket: z.boolean().default(false),
  quiescent: z.boolean().default(false),
  fallback: address.optional(),
  destinations: z.record(
    z.string(),
    z.object({ forwarding, weight, upperThreshold: threshold, lowerThreshold: threshold }),
  ),
});

type CheckedService = z.output<typeof service>;

export const checkedServices = z.record(z.string(), service).transform((services, context) => {
  const problem = (message: string, ...path: string[]) => context.addIssue({ code: "custom", message, path });
  const normal = Object.entries(services).map(([key, it]) => {
    const match = parseMatch(key);
    if (!match) problem('a service is "address:port", "address:port/udp", a mark like "99" or "99/ipv6"', key);
    const name = match ? matchKey(match) : key;
    return [name, normalService(match, it, (at) => problem(BAD_DESTINATION, key, at))] as const;
  });
  return Object.fromEntries(normal);
});

export type CheckedServices = z.output<typeof checkedServices>;

const BAD_DESTINATION = 'a destination is "address:port", IPv6 as "[address]:port"; with a mark the port may be 0';

/** The declared services as the kernel should have them, each with its match. */
export function checked(services: CheckedServices | undefined): Record<string, Checked & { match: Match }> {
  const named = Object.entries(services ?? {}).flatMap(([key, { schedulerFlags: flags, persistence: kept, ...it }]) => {
    const match = parseMatch(key);
    return match ? [[key, { ...it, flags, persistence: kept as Service["persistence"], match }] as const] : [];
  });
  return Object.fromEntries(named);
}

/** The name of the ledger's entry of a virtual service with fixed destinations and this match. */
export function fixedEntry(match: Match): string {
  return entryName("VirtualService", matchName(match));
}

/** The match of a key. Health checkers do not know SCTP. */
function parseMatch(key: string): Match | undefined {
  const match = parseMatchKey(key);
  return match && "protocol" in match && match.protocol === "sctp" ? undefined : match;
}

function normalService(
  match: Match | undefined,
  it: CheckedService,
  bad: (destination: string) => void,
): CheckedService {
  const destinations = Object.entries(it.destinations).map(([name, to]) => {
    const parsed = parseHostPort(name);
    if (!parsed) bad(name);
    return [parsed ? hostPort(parsed.address, parsed.port) : name, to] as const;
  });
  const family = match ? familyOfMatch(match) : "ipv4";
  return {
    ...it,
    persistence: it.persistence && { mask: singleClient(family), ...it.persistence },
    destinations: Object.fromEntries(destinations),
  };
}
