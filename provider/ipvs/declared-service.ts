import { z } from "zod";
import {
  type Family,
  familyOf,
  schedulerFlags as flags,
  type HostPort,
  hostPort,
  isClientMask,
  type Match,
  parseHostPort,
  schedulers,
  singleClient,
  whyNoFlag,
} from "../model";
import { address, boot, mark, port } from "../reconcile/inputs";
import { drain } from "./drain";
import { forwarding, persistence, schedulerFlags, threshold, weight } from "./service-inputs";

// The declaration of a virtual service with fixed destinations.

const declaration = z.object({
  address: address.optional(),
  // Port 0 stands for every port that no other service of the address catches.
  port: z.union([z.literal(0), port], { message: "a port is a number from 1 to 65535; 0 is all of them" }).optional(),
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

type Problem = (message: string, ...path: string[]) => void;

function rules(want: DeclaredService, context: z.RefinementCtx): void {
  const problem: Problem = (message, ...path) => context.addIssue({ code: "custom", message, path });
  matchRules(want, problem);
  destinationRules(want, problem);
  for (const flag of want.schedulerFlags) {
    const why = whyNoFlag(want.scheduler, flag);
    if (why) problem(why, "schedulerFlags");
  }
  const udp = want.mark !== undefined || want.protocol === "udp";
  if (want.onePacket && !udp) problem("one-packet scheduling is for UDP", "onePacket");
  if (want.persistence?.engine && !udp) problem("SIP persistence is for UDP", "persistence", "engine");
  const mask = want.persistence?.mask;
  if (mask !== undefined && !isClientMask(familyOfWant(want), mask))
    problem("a netmask for IPv4 (not 0.0.0.0), a prefix length from 1 to 128 for IPv6", "persistence", "mask");
}

function matchRules(want: DeclaredService, problem: Problem): void {
  if (want.mark !== undefined) {
    for (const name of ["address", "port", "protocol"] as const)
      if (want[name] !== undefined)
        problem("a service that catches a mark has none: a FirewallMark says what is marked", name);
    return;
  }
  for (const name of ["address", "port"] as const)
    if (want[name] === undefined) problem("is missing; a service catches an address and a port, or a mark", name);
  if (want.family !== undefined) problem("is for marks; an address says it by itself", "family");
  if (want.port === 0 && !want.persistence) problem("0, all ports, needs persistence", "port");
}

function destinationRules(want: DeclaredService, problem: Problem): void {
  const own = want.port ?? 0;
  const names = new Map<string, string>();
  for (const [key, to] of Object.entries(want.destinations)) {
    const at = (message: string, ...more: string[]) => problem(message, "destinations", key, ...more);
    const parsed = parseHostPort(key, own);
    if (!parsed) {
      at('a destination is "address:port", IPv6 as "[address]:port"');
      continue;
    }
    const name = hostPort(parsed.address, parsed.port);
    if (names.has(name)) at(`the same destination as "${names.get(name)}"`);
    names.set(name, key);
    if (parsed.address === want.address) at("a real server cannot have the VIP as its own address");
    if (familyOf(parsed.address) !== familyOfWant(want) && want.forwarding !== "tun")
      at('IPv4 and IPv6 can be mixed with forwarding "tun" alone');
    if (parsed.port === 0 && own !== 0) at("a port is a number from 1 to 65535");
    if (want.forwarding !== "nat" && parsed.port !== own)
      at(
        own === 0
          ? `"${want.forwarding}" cannot change the port: leave it out`
          : `"${want.forwarding}" cannot change the port: the destination listens on the service's ${own}`,
      );
    if (to.lowerThreshold > to.upperThreshold) at("lowerThreshold is above upperThreshold", "lowerThreshold");
    if (to.tunnel && want.forwarding !== "tun") at('is for forwarding "tun"', "tunnel");
  }
}

/** The schema of the declaration. It checks the rules and makes the normal form. */
export const declaredService = declaration
  .superRefine(rules)
  .transform(normal) as unknown as z.ZodType<DeclaredService>;
