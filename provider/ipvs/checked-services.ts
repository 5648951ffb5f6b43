import { z } from "zod";
import {
  familyOf,
  familyOfMatch,
  schedulerFlags as flags,
  type HostPort,
  hostPort,
  type Match,
  matchKey,
  matchName,
  parseHostPort,
  parseMatchKey,
  schedulers,
  singleClient,
} from "../model";
import { address, isOneHost } from "../reconcile/inputs";
import { entryName } from "../reconcile/ledger";
import type { Checked } from "./health-table";
import { forwarding, persistence, schedulerFlags, threshold, weight } from "./service-inputs";
import { type AddProblem, destinationRules, schedulingRules } from "./service-rules";
import type { Service } from "./table";

// The declaration of virtual services that a health checker manages. The keys are matches: "10.0.0.1:80",
// "[2001:db8::1]:53/udp", and "99" or "99/ipv6" for a mark.

const service = z.object({
  scheduler: z.enum(schedulers).default("wrr"),
  schedulerFlags: schedulerFlags(z.enum(flags)),
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

export const checkedServices = z
  .record(z.string(), service)
  .superRefine((services, context) => {
    const names = new Set<string>();
    for (const [key, it] of Object.entries(services)) {
      const problem: AddProblem = (message, ...path) =>
        context.addIssue({ code: "custom", message, path: [key, ...path] });
      const match = parseMatch(key);
      if (!match) {
        problem('write a service like "address:port", "address:port/udp", a mark like "99" or "99/ipv6"');
        continue;
      }
      if ("address" in match && !isOneHost(match.address))
        problem(`${match.address} is no address of one host: give the VIP`);
      const name = matchKey(match);
      if (names.has(name)) problem(`the same service as another one: "${name}". Leave one out`);
      names.add(name);
      rules(match, it, problem);
    }
  })
  .transform((services) => Object.fromEntries(Object.entries(services).map(([key, it]) => normal(key, it))));

export type CheckedServices = z.output<typeof checkedServices>;

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

function rules(match: Match, it: CheckedService, problem: AddProblem): void {
  const family = familyOfMatch(match);
  const { address: vip, port } = "mark" in match ? { address: undefined, port: undefined } : match;
  destinationRules({ family, address: vip, port, anyPort: "mark" in match, form: FORM }, it.destinations, problem);
  schedulingRules(it, family, "mark" in match || match.protocol === "udp", problem);
  if (it.fallback !== undefined && familyOf(it.fallback) !== family)
    problem(`is of another family: give an address of ${family === "ipv6" ? "IPv6" : "IPv4"}`, "fallback");
}

const FORM = 'write a destination like "192.0.2.1:80", IPv6 like "[2001:db8::1]:80"; with a mark the port may be 0';

/** The normal form of a service that has passed the rules. */
function normal(key: string, it: CheckedService): [string, CheckedService] {
  const match = parseMatch(key) as Match;
  const destinations = Object.entries(it.destinations).map(([name, to]) => {
    const { address: server, port } = parseHostPort(name) as HostPort;
    return [hostPort(server, port), to] as const;
  });
  const mask = singleClient(familyOfMatch(match));
  return [
    matchKey(match),
    {
      ...it,
      persistence: it.persistence && { mask, ...it.persistence },
      destinations: Object.fromEntries(destinations),
    },
  ];
}
