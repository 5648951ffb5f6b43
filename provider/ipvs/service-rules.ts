import { type Family, familyOf, hostPort, isClientMask, isUnicast, parseHostPort, whyNoFlag } from "../model";
import type { Destination } from "./table";

// What IPVS takes of a virtual service, with fixed destinations or with a health checker.

/** Tells a problem of the property with this path. */
export type AddProblem = (message: string, ...path: string[]) => void;

interface Scheduling {
  readonly scheduler: string;
  readonly schedulerFlags: readonly string[];
  readonly persistence?: { readonly mask?: string | undefined; readonly engine?: string | undefined } | undefined;
  readonly onePacket: boolean;
}

/** @param udp whether the service may get packets of UDP */
export function schedulingRules(want: Scheduling, family: Family, udp: boolean, problem: AddProblem): void {
  for (const flag of want.schedulerFlags) {
    const why = whyNoFlag(want.scheduler, flag);
    if (why) problem(why, "schedulerFlags");
  }
  if (want.onePacket && !udp) problem("one-packet scheduling is for UDP: leave it out", "onePacket");
  if (want.persistence?.engine && !udp)
    problem("SIP persistence is for UDP: leave the engine out", "persistence", "engine");
  const mask = want.persistence?.mask;
  if (mask !== undefined && !isClientMask(family, mask))
    problem("give a netmask for IPv4 (not 0.0.0.0), a prefix length from 1 to 128 for IPv6", "persistence", "mask");
}

/** What a service catches, as far as its destinations depend on it. */
interface Catches {
  readonly family: Family;
  readonly address?: string | undefined;
  /** The port that destinations without forwarding "nat" have to keep; undefined if they may have any. */
  readonly port?: number | undefined;
  /** Whether port 0 is any port. */
  readonly anyPort: boolean;
  /** The form of a destination's name, for messages. */
  readonly form: string;
  /** The port of a destination that names none. */
  readonly ownPort?: number | undefined;
}

type Declared = Pick<Destination, "lowerThreshold" | "upperThreshold" | "tunnel"> & { readonly forwarding: string };

export function destinationRules(
  { family, address, port, anyPort, form, ownPort }: Catches,
  destinations: Readonly<Record<string, Declared>>,
  problem: AddProblem,
): void {
  const names = new Map<string, string>();
  for (const [key, { forwarding, tunnel, ...to }] of Object.entries(destinations)) {
    const at = (message: string, ...more: string[]) => problem(message, "destinations", key, ...more);
    const parsed = parseHostPort(key, ownPort);
    if (!parsed) {
      at(form);
      continue;
    }
    const name = hostPort(parsed.address, parsed.port);
    if (names.has(name)) at(`is the same destination as "${names.get(name)}": leave one out`);
    names.set(name, key);
    // The kernel takes no other (ip_vs_new_dest in net/netfilter/ipvs/ip_vs_ctl.c).
    if (!isUnicast(parsed.address)) at(`${parsed.address} is no address of one host: give the real server's own`);
    if (parsed.address === address)
      at("a real server cannot have the VIP as its own address: give the one by which the director reaches it");
    if (familyOf(parsed.address) !== family && forwarding !== "tun")
      at('IPv4 and IPv6 can be mixed with forwarding "tun" alone: give an address of the other family, or use "tun"');
    if (parsed.port === 0 && !anyPort) at("give a port from 1 to 65535");
    if (forwarding !== "nat" && port !== undefined && parsed.port !== port)
      at(
        port === 0
          ? `"${forwarding}" cannot change the port: leave it out`
          : `"${forwarding}" cannot change the port: give the service's ${port}, and let the real server listen there`,
      );
    if (to.lowerThreshold > to.upperThreshold)
      at("lowerThreshold is above upperThreshold: give less", "lowerThreshold");
    if (tunnel && forwarding !== "tun") at('is for forwarding "tun"', "tunnel");
  }
}
