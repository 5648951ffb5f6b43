import { type Forwarding, matchName } from "pulumi-lvs-provider/model";
import { clusterOf, persistenceOf } from "./clusters";
import type { Found, FoundService } from "./found";
import { type Args, leftOut, on, type Part, part, word } from "./part";
import { forwardingOf, type Server, serversOf } from "./servers";
import { directorPart, routedServerPart, silentServerPart, vipLeftOut } from "./sides";

/** Services with fixed destinations that are alike: a cluster if they can be one. */
export function sitePart(name: string, director: Found, services: readonly Named[], hosts: readonly Found[]): Part[] {
  const isOne = services.length === 1;
  const each = services.map((one) => servicePart(isOne ? name : one.name, director, one.service, hosts));
  if (isOne) return each;
  const all = services.map(({ service }) => service);
  const cluster = clusterOf(name, director, all, hosts);
  if (typeof cluster === "string") return each;
  const what = `the site of ${all.map(({ match }) => matchName(match)).join(" and ")}`;
  return [{ host: director.name, what, candidates: [[cluster]], otherwise: each }];
}

/** A service with the name of its site. */
export interface Named {
  readonly name: string;
  readonly service: FoundService;
}

function servicePart(name: string, director: Found, service: FoundService, hosts: readonly Found[]): Part {
  const servers = serversOf(service, hosts, director);
  const forwarding = forwardingOf(service);
  const cluster = clusterOf(name, director, [service], hosts);
  const what = `the service ${matchName(service.match)}`;
  return {
    ...{ host: director.name, what },
    ...(typeof cluster === "string" ? { candidates: [], reason: cluster } : { candidates: [[cluster]] }),
    otherwise: [
      ...sidesParts(name, director, service, servers, forwarding),
      part(director, what, {
        class: "VirtualService",
        name: `${name}-service`,
        args: virtualService(director, service, forwarding),
        after: [`${name}-director`, ...servers.flatMap(({ found }) => (found ? [`${name}-${word(found.name)}`] : []))],
      }),
    ],
  };
}

/** The director's side and the real servers' sides of a service, whoever keeps the service itself. */
export function sidesParts(
  name: string,
  director: Found,
  service: FoundService,
  servers: readonly Server[],
  forwarding = forwardingOf(service),
): Part[] {
  const { match } = service;
  const vip = "address" in match ? match.address : undefined;
  // One service may reach its servers in several ways.
  const serverPart = (found: Found, address: string, forwarding: Forwarding) => {
    const its = `${name}-${word(found.name)}`;
    return forwarding === "nat"
      ? routedServerPart(its, found, director, address)
      : silentServerPart(its, found, address, vip, forwarding);
  };
  return [
    directorPart(`${name}-director`, director, vip, forwarding),
    ...vipLeftOut(director, vip, forwarding),
    ...("mark" in match ? [ruleLeftOut(director, match.mark)] : []),
    ...servers.flatMap(({ found, address, forwarding: own }) =>
      found && found !== director ? [serverPart(found, address, own === "local" ? forwarding : own)] : [],
    ),
  ];
}

export function ruleLeftOut(director: Found, mark: number): Part {
  const rules = director.around.marks.join("; ") || "none was found";
  return leftOut(
    director,
    `the rule that marks packets with ${mark}`,
    `a rule of netfilter stays its owner's: ${rules}. FirewallMark makes one of its own`,
  );
}

function virtualService(director: Found, service: FoundService, forwarding: "nat" | "dr" | "tun"): Args {
  const { match, scheduler, flags, onePacket } = service;
  const destinations = Object.fromEntries(
    Object.entries(service.destinations).map(([at, to]) => [
      at,
      {
        weight: to.weight,
        ...(to.forwarding !== forwarding && to.forwarding !== "local" && { forwarding: to.forwarding }),
        ...(to.upperThreshold > 0 && { upperThreshold: to.upperThreshold }),
        ...(to.lowerThreshold > 0 && { lowerThreshold: to.lowerThreshold }),
        ...(to.tunnel && { tunnel: { ...to.tunnel } }),
      },
    ]),
  );
  const what: Args =
    "mark" in match
      ? { mark: match.mark, ...(match.family === "ipv6" && { family: match.family }) }
      : { address: match.address, port: match.port, ...(match.protocol !== "tcp" && { protocol: match.protocol }) };
  return {
    ...{ host: on(director), ...what, scheduler, forwarding },
    ...(flags.length > 0 && { schedulerFlags: [...flags] }),
    ...(onePacket && { onePacket }),
    ...persistenceOf(service),
    destinations,
  };
}
