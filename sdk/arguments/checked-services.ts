import {
  familyOf,
  familyOfMatch,
  isClientMask,
  isSameAddress,
  isWithin,
  schedulerFlags as knownFlags,
  type Match,
  NO_PERSISTENCE,
  NO_WEIGHT,
  PERSISTENCE,
  PORT,
  type Problem,
  type parseHostPort,
  schedulers,
  THRESHOLD,
  WEIGHT,
  whyNoHostAddress,
} from "pulumi-lvs-provider/model";
import { z } from "zod";
import { given, number, persistence, text } from "./shape";

// What every health checker takes of virtual services and real servers, and the rules that do not depend on the checker.

export const forwarding = z.enum(["nat", "dr", "tun"]);
const threshold = number.int().min(THRESHOLD.least).max(THRESHOLD.most).optional();

export const scheduling = {
  scheduler: given.optional(),
  schedulerFlags: z.array(text).optional(),
  persistence: persistence.optional(),
  onePacket: z.boolean().optional(),
};

export const realServer = {
  forwarding,
  weight: given.optional(),
  upperThreshold: threshold,
  lowerThreshold: threshold,
  tunnel: z.object({ type: text, port: number.optional(), checksum: text.optional() }).optional(),
};

/** The server for clients whom no real server can serve. */
export const lastServer = {
  address: text,
  port: number.int().min(PORT.least).max(PORT.most).optional(),
  forwarding: forwarding.optional(),
};

export const SERVICE_NAME =
  'write a service like "172.17.111.111:80", "172.17.111.111:53/udp", or a mark: "99", for IPv6 "99/ipv6"';

/** A problem of a property, unless there is no reason for one. */
export type Say = (property: string, reason: string | false | undefined) => Problem[];

interface Scheduling {
  readonly scheduler?: (typeof schedulers)[number] | undefined;
  readonly schedulerFlags?: readonly string[] | undefined;
  readonly persistence?: { readonly timeout?: number | undefined; readonly mask?: string | undefined } | undefined;
  readonly onePacket?: boolean | undefined;
}

export function schedulingProblems(match: Match, virtual: Scheduling, say: Say): Problem[] {
  const { scheduler, schedulerFlags = [], persistence: { timeout, mask } = {}, onePacket } = virtual;
  return [
    ...say(
      "scheduler",
      scheduler !== undefined &&
        !schedulers.includes(scheduler) &&
        `IPVS has no scheduler "${scheduler}". Choose one of ${schedulers.join(", ")}`,
    ),
    ...schedulerFlags
      .filter((flag) => !(knownFlags as readonly string[]).includes(flag))
      .flatMap((flag) =>
        say(
          "schedulerFlags",
          `"${flag}" is not a flag of a scheduler (ipvsadm(8), --sched-flags): choose from ${knownFlags.join(", ")}`,
        ),
      ),
    ...say("persistence.timeout", timeout !== undefined && !isWithin(timeout, PERSISTENCE) && NO_PERSISTENCE),
    ...say(
      "persistence.mask",
      mask !== undefined &&
        !isClientMask(familyOfMatch(match), mask) &&
        "give a netmask for IPv4 (not 0.0.0.0), a prefix length from 1 to 128 for IPv6",
    ),
    ...say(
      "onePacket",
      onePacket === true &&
        !("protocol" in match && match.protocol === "udp") &&
        "one-packet scheduling is for UDP: leave it out",
    ),
  ];
}

interface LastServer {
  readonly address: string;
  readonly port?: number | undefined;
  readonly forwarding?: string | undefined;
}

/** @param forwarding how packets reach the server where it does not say so itself */
export function lastServerProblems(match: Match, it: LastServer | undefined, forwarding: string, say: Say): Problem[] {
  if (!it) return [];
  const { address, port } = it;
  const why = whyNoHostAddress(address);
  if (why) return say("address", `"${address}" ${why}`);
  const by = it.forwarding ?? forwarding;
  return [
    ...say(
      "address",
      familyOf(address) !== familyOfMatch(match) &&
        "is of another address family than the service: give one of the same",
    ),
    ...say(
      "address",
      "address" in match &&
        isSameAddress(address, match.address) &&
        "is the VIP as well: give the address of the server that answers in their place",
    ),
    ...say(
      "port",
      "port" in match && port !== undefined && by !== "nat" && port !== match.port && cannotChange(by, match.port),
    ),
  ];
}

function cannotChange(by: string, port: number): string {
  return `"${by}" cannot change the port: give the service's ${port}, and let the server listen there, or forwarding: "nat"`;
}

export const REAL_SERVER_NAME = 'write a real server like "172.17.111.222:80", IPv6 "[2001:db8::2]:80"';

interface RealServer {
  readonly forwarding?: string | undefined;
  readonly weight?: unknown;
  readonly lowerThreshold?: number | undefined;
  readonly upperThreshold?: number | undefined;
}

/**
 * @param pair the real server's name
 * @param say the property "" is the real server itself
 */
export function realServerProblems(
  match: Match,
  pair: NonNullable<ReturnType<typeof parseHostPort>>,
  { forwarding: by, weight, lowerThreshold = 0, upperThreshold = 0 }: RealServer,
  say: Say,
): Problem[] {
  const service = "mark" in match ? undefined : match;
  return [
    ...say(
      "",
      service && pair.port === 0 && "port 0 is for marks alone: give the port that the real server listens on",
    ),
    ...say(
      "",
      service &&
        pair.address === service.address &&
        "a real server cannot have the VIP as its own address: give the one by which the director reaches it",
    ),
    ...say(
      "",
      service &&
        (by === "dr" || by === "tun") &&
        pair.port !== service.port &&
        `"${by}" cannot change the port: give the service's ${service.port}, and let the real server listen there`,
    ),
    ...say("weight", weight !== undefined && !isWithin(weight, WEIGHT) && NO_WEIGHT),
    ...say("lowerThreshold", lowerThreshold > upperThreshold && "lowerThreshold is above upperThreshold: give less"),
  ];
}
