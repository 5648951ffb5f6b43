import { z } from "zod";
import {
  type Family,
  familyOf,
  schedulerFlags as flags,
  type HostPort,
  hostPort,
  type Match,
  parseHostPort,
  schedulers,
  singleClient,
} from "../model";
import { boot, mark, oneHost, port } from "../reconcile/inputs";
import { drain } from "./drain";
import { forwarding, persistence, schedulerFlags, threshold, weight } from "./service-inputs";
import { type AddProblem, destinationRules, schedulingRules } from "./service-rules";

// The declaration of a virtual service with fixed destinations.

const declaration = z.object({
  address: oneHost.optional(),
  // Port 0 stands for every port that no other service of the address catches.
  port: z.union([z.literal(0), port], { message: "give a port from 1 to 65535; 0 is all of them" }).optional(),
  protocol: z.enum(["tcp", "udp", "sctp"]).optional(),
  mark: mark.optional(),
  family: z.enum(["ipv4", "ipv6"]).optional(),
  scheduler: z.enum(schedulers).default("wlc"),
  schedulerFlags: schedulerFlags(z.enum(flags)),
  persistence: z.object({ ...persistence, engine: z.enum(["sip"]).optional() }).optional(),
  onePacket: z.boolean().default(false),
  forwarding,
  destinations: z.record(
    z.string(),
    z.object({
      weight,
      upperThreshold: threshold,
      lowerThreshold: threshold,
      tunnel: z
        .discriminatedUnion("type", [
          z.object({ type: z.literal("ipip") }),
          z.object({ type: z.literal("gue"), port, checksum: z.enum(["none", "full", "remote"]).default("none") }),
          z.object({ type: z.literal("gre"), checksum: z.enum(["none", "full"]).default("none") }),
        ])
        .transform((tunnel) => (tunnel.type === "ipip" ? undefined : tunnel))
        .optional(),
    }),
  ),
  drain,
  boot,
});

/** A declaration in normal form. */
export type DeclaredService = z.output<typeof declaration>;

export function matchOf({
  mark: value,
  family = "ipv4",
  protocol = "tcp",
  address: vip,
  port: at,
}: DeclaredService): Match {
  return value === undefined ? { protocol, address: vip as string, port: at as number } : { mark: value, family };
}

/** The family of the service, also of a declaration that has not been checked yet. */
function familyOfWant({ family, address: vip }: Pick<DeclaredService, "family" | "address">): Family {
  return vip === undefined ? (family ?? "ipv4") : familyOf(vip);
}

/** A declaration either has address, port and protocol, or mark and family. The keys of destinations are ipvsadm's names. */
function normal({ address: vip, port: at, protocol, mark: value, family, ...rest }: DeclaredService) {
  const catches =
    value === undefined
      ? { address: vip, port: at, protocol: protocol ?? "tcp" }
      : { mark: value, family: family ?? "ipv4" };
  return {
    ...catches,
    ...rest,
    persistence: rest.persistence && { mask: singleClient(familyOfWant(catches)), ...rest.persistence },
    destinations: Object.fromEntries(
      Object.entries(rest.destinations).map(([key, to]) => {
        const { address, port } = parseHostPort(key, at ?? 0) as HostPort;
        return [hostPort(address, port), to];
      }),
    ),
  };
}

function rules(want: DeclaredService, context: z.RefinementCtx): void {
  const problem: AddProblem = (message, ...path) => context.addIssue({ code: "custom", message, path });
  matchRules(want, problem);
  const family = familyOfWant(want);
  const own = want.port ?? 0;
  const destinations = Object.entries(want.destinations).map(([key, to]) => [
    key,
    { forwarding: want.forwarding, ...to },
  ]);
  const catches = { family, address: want.address, port: own, anyPort: own === 0, ownPort: own, form: FORM };
  destinationRules(catches, Object.fromEntries(destinations), problem);
  schedulingRules(want, family, want.mark !== undefined || want.protocol === "udp", problem);
}

const FORM = 'write a destination like "192.0.2.1:80", IPv6 like "[2001:db8::1]:80"';

function matchRules(want: DeclaredService, problem: AddProblem): void {
  if (want.mark !== undefined) {
    for (const name of ["address", "port", "protocol"] as const)
      if (want[name] !== undefined)
        problem("a service that catches a mark has none: leave it out, a FirewallMark says what is marked", name);
    return;
  }
  for (const name of ["address", "port"] as const)
    if (want[name] === undefined)
      problem("is missing; a service catches an address and a port, or a mark: give one of both", name);
  if (want.family !== undefined) problem("is for marks; an address says it by itself: leave it out", "family");
  if (want.port === 0 && !want.persistence)
    problem("0, all ports, needs persistence: declare it, or give one port", "port");
}

/** The schema of the declaration. It checks the rules and makes the normal form. */
export const declaredService = declaration
  .superRefine(rules)
  .transform(normal) as unknown as z.ZodType<DeclaredService>;
