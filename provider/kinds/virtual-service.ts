import { z } from "zod";
import { sh } from "../host/command";
import { LvsError } from "../host/errors";
import { drain, edit, endService, NODEST, summary, switchBackStep, takeOut } from "../ipvs/drain";
import { destinationLine, parseService, printed, serviceLine, spelled } from "../ipvs/ipvsadm";
import { intended, lookAtMaintenance, parseMaintenance } from "../ipvs/maintenance";
import { forwarding, persistence, schedulerFlags, threshold, weight } from "../ipvs/service-inputs";
import { agrees, type Service } from "../ipvs/table";
import { lookAtBorrowed, parseBorrowed } from "../linux/switches";
import {
  type Family,
  familyOf,
  schedulerFlags as flags,
  type HostPort,
  hostPort,
  isClientMask,
  type Match,
  matchName,
  parseHostPort,
  schedulers,
  singleClient,
  whyNoFlag,
} from "../model";
import { fragment } from "../reconcile/boot";
import { digest } from "../reconcile/equality";
import { address, boot, mark, port } from "../reconcile/inputs";
import type { Kind, Step } from "../reconcile/kind";
import { entryName, lookAtKeepers } from "../reconcile/ledger";

const declaration = z.object({
  address: address.optional(),
  // 0 stands for every port that no other service catches.
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

type Want = z.output<typeof declaration>;

interface Seen {
  readonly service: Service | null;
  /** The kernel's switches that are on for this service's sake. */
  readonly borrowed: readonly string[];
  /** A health checker looks after it, too: one of the two is about to go. */
  readonly kept?: true;
}

/** A virtual service and all of its destinations, keyed by address and port. What others put on the director is not touched. */
export const virtualService: Kind<Want, Seen> = {
  name: "VirtualService",
  inputs: declaration.superRefine(rules).transform(normal) as unknown as z.ZodType<Want>,
  identity,

  observe({ had, want }) {
    const about = want ?? had;
    const ipvsadm = `${want ? "" : "command -v ipvsadm >/dev/null || exit 0; "}ipvsadm "$@"`;
    const at = spelled(matchOf(about)).split(" ");
    return [
      sh(ipvsadm, "-Sn"),
      sh(ipvsadm, "-Ln", ...at),
      sh(ipvsadm, "-Ln", "--thresholds", ...at),
      lookAtBorrowed(holder(about)),
      lookAtKeepers(holder(about)),
      lookAtMaintenance(),
    ];
  },
  read([saved, listing, thresholds, borrowed, keepers, out], { had, want }) {
    if (saved?.exit !== 0)
      throw new LvsError(
        `reading the IPVS table: ${saved?.stderr.trim().split("\n").pop()}. Is ipvsadm installed, and does the running ` +
          "kernel have IPVS (modprobe ip_vs)? Director declares both",
      );
    // The other listings fail when the service is not there, which the first one tells.
    const all = { saved: saved.stdout, listing: listing?.stdout ?? "", thresholds: thresholds?.stdout ?? "" };
    const kept = keepers?.stdout.trim() ? ({ kept: true } as const) : {};
    const at = matchOf(want ?? had);
    const service = intended(at, parseService(all, at), parseMaintenance(out)) ?? null;
    return { service, borrowed: parseBorrowed(borrowed), ...kept };
  },
  plan({ had, want, found }, seen) {
    const about = (want ?? had) as Want;
    const steps = want ? delta(about, seen.service, table(want), about.drain) : putBack(about, found, seen);
    const needed = want && steps.every(({ until }) => !until) ? [NODEST] : want ? seen.borrowed : [];
    const idle = seen.borrowed.filter((key) => !needed.includes(key));
    return [...steps, ...idle.map((key) => switchBackStep(key, holder(about)))];
  },
  report: (want, { service }) => ({
    scheduler: service?.scheduler ?? "",
    schedulerFlags: service?.flags ?? [],
    persistence: service?.persistence,
    onePacket: service?.onePacket ?? false,
    destinations: Object.fromEntries(
      Object.entries(service?.destinations ?? {}).map(([key, { forwarding, ...to }]) => {
        // What is delivered locally shows nothing of how it was asked for.
        const tunnel = forwarding === "local" ? want.destinations[key]?.tunnel : to.tunnel;
        const as = forwarding === "local" || forwarding === want.forwarding ? {} : { forwarding };
        return [key, { ...to, tunnel, ...as }];
      }),
    ),
  }),

  boot(want) {
    const at = matchOf(want);
    const lines = delta(want, null, table(want))[0]?.run.stdin as string;
    // Only where the service is not there: whoever took a destination out of the living table had a reason.
    const script = `ipvsadm -Sn | grep -qF -- '-A ${printed(at)} -s ' || ipvsadm -R <<'END'\n${lines}END`;
    const { mark: value, family, protocol, address: vip, port: own } = want;
    const name = value === undefined ? [protocol, vip, own] : ["mark", value, family];
    return [fragment(50, `service-${name.join("-")}`, script)];
  },
};

function identity(want: Want): string {
  return matchName(matchOf(want));
}

function holder(want: Want | undefined): string {
  return entryName("VirtualService", identity(want as Want));
}

function matchOf(want: Want | undefined): Match {
  const { mark: value, family = "ipv4", protocol = "tcp", address: vip, port: at } = want as Want;
  return value === undefined ? { protocol, address: vip as string, port: at as number } : { mark: value, family };
}

/** As far as it is declared. */
function familyOfWant({ family, address: vip }: Pick<Want, "family" | "address">): Family {
  return vip === undefined ? (family ?? "ipv4") : familyOf(vip);
}

/** Either address, port and protocol, or mark and family; destinations as ipvsadm names them. */
function normal({ address: vip, port: at, protocol, mark: value, family, ...rest }: Want) {
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

function table(want: Want): Service {
  return {
    scheduler: want.scheduler,
    flags: want.schedulerFlags,
    persistence: want.persistence as Service["persistence"],
    onePacket: want.onePacket,
    destinations: Object.fromEntries(
      Object.entries(want.destinations).map(([key, to]) => [key, { forwarding: want.forwarding, ...to }]),
    ),
  };
}

/** From what is in the kernel to what should be: one edit of the table, and the draining of what has to go. */
function delta(about: Want, seen: Service | null, target: Service | null, drain?: Want["drain"]): Step[] {
  const match = matchOf(about);
  if (!target) return seen ? endService(match, holder(about), seen, drain) : [];
  const { destinations: wanted, ...service } = target;
  const { destinations: present, ...now }: Partial<Service> & Pick<Service, "destinations"> = seen ?? {
    destinations: {},
  };
  const lines: string[] = [];
  const changes: string[] = [];
  if (!seen) lines.push(serviceLine("-A", match, service));
  else if (digest(now) !== digest(service)) lines.push(serviceLine("-E", match, service));
  if (lines.length > 0) changes.push(`${service.scheduler}`);
  for (const [key, to] of Object.entries(wanted)) {
    const has = present[key];
    if (has && agrees(has, to)) continue;
    lines.push(destinationLine(has ? "-e" : "-a", match, key, to));
    changes.push(`${key} weight ${to.weight}`);
  }
  const steps = lines.length > 0 ? [edit(lines, `virtual service ${spelled(match)}: ${summary(changes)}`)] : [];
  const surplus = Object.entries(present).filter(([key]) => !(key in wanted));
  if (surplus.length === 0) return steps;
  const persistent = Boolean(now.persistence ?? service.persistence);
  return [...steps, ...takeOut(match, holder(about), surplus, drain, persistent)];
}

/** What a health checker looks after is not ours to take away; and what was found of its making was not there before us all. */
function putBack(about: Want, found: Seen | undefined, seen: Seen): Step[] {
  if (seen.kept) return [];
  const before = found?.kept ? null : (found?.service ?? null);
  const steps = delta(about, seen.service, before, about.drain);
  // Draining switches it on, and a service that stays is not asked again whether it still needs the switch.
  const drained = before && steps.some(({ run }) => run.argv.includes(NODEST));
  return drained && !seen.borrowed.includes(NODEST) ? [...steps, switchBackStep(NODEST, holder(about))] : steps;
}

type Problem = (message: string, ...path: string[]) => void;

function rules(want: Want, context: z.RefinementCtx): void {
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

function matchRules(want: Want, problem: Problem): void {
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

function destinationRules(want: Want, problem: Problem): void {
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
