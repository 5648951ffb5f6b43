import { type Fact, map } from "../host/fact";
import { type Family, type Finding, familyOfMatch, judge, type Match, type PortOf, parseServedPort } from "../model";
import type { AdviceContext, Hints } from "../reconcile/kind";
import { addressesOf, directorRules, type ServiceFacts } from "./director-rules";
import { arrivingRules, forwardingRules, type Told, tellingRules } from "./firewall-rules";
import { type HostFacts, hostFacts } from "./host-facts";
import { serverRules } from "./server-rules";

// What is known to fail on hosts, by what their own tools show. The kinds ask for it with their first look.

export { arrivingRules, directorRules, forwardingRules, serverRules, tellingRules };

/** A virtual service, as one of the kinds declares it. */
export interface DeclaredServices {
  readonly match: Match;
  readonly persistence?: object | undefined;
  /** How packets reach the real servers: "nat", "dr", "tun". */
  readonly forwarding: string;
  readonly destinations: Readonly<Record<string, object>>;
}

/** What is known to fail of virtual services on their director. */
export function servicesAdvice(services: readonly DeclaredServices[], context: AdviceContext): Fact<Finding[]> {
  const towards = services.flatMap(({ destinations }) => addressesOf(Object.keys(destinations)));
  return map(hostFacts(towards), (facts) => services.flatMap((service) => serviceFindings(service, facts, context)));
}

function serviceFindings(service: DeclaredServices, facts: HostFacts, context: AdviceContext): Finding[] {
  const { match, persistence, forwarding, destinations } = service;
  const host = { ...facts, declared: context.declared() };
  const family: Family = familyOfMatch(match);
  const { hints } = context;
  const marked = "mark" in match;
  const vip = marked ? hints.address : match.address;
  const ports = marked ? served(hints) : [match].filter(({ port }) => port > 0);
  const protocol = marked ? "tcp" : match.protocol;
  const one: ServiceFacts = {
    ...{ host, hints, family, vip, protocol, ports, forwarding },
    ...{ destinations: Object.keys(destinations), persistent: persistence !== undefined },
  };
  return [
    ...judge(directorRules, one),
    ...judge(arrivingRules, { host, address: vip, ports }),
    ...judge(forwardingRules, one),
  ];
}

/** What is known to fail of an address that a host takes. */
export function aliasAdvice(alias: { address: string; device: string }, context: AdviceContext): Fact<Finding[]> {
  return map(hostFacts(), (facts) => {
    const { hints } = context;
    const host = { ...facts, declared: context.declared() };
    const wrapped = alias.device.startsWith("tunl");
    const clients = { address: alias.address, ports: served(hints), device: hints.device, wrapped };
    return [
      ...judge(serverRules, { host, hints, ...alias }),
      ...(hints.ports ? judge(arrivingRules, { host, ...clients }) : []),
    ];
  });
}

/** What is known to fail of a real server whose default route leads to its director. */
export function gatewayAdvice(context: AdviceContext): Fact<Finding[]> {
  return map(hostFacts(), (facts) => {
    const { hints } = context;
    const host = { ...facts, declared: context.declared() };
    return judge(arrivingRules, { host, address: hints.address, ports: served(hints) });
  });
}

/** What is known to fail of a director that hears of others, or of routers. */
export function tellingAdvice(told: (facts: HostFacts) => readonly Told[], context: AdviceContext): Fact<Finding[]> {
  return map(hostFacts(), (facts) => {
    const host = { ...facts, declared: context.declared() };
    return judge(tellingRules, { host, told: told(facts) });
  });
}

function served({ ports = [] }: Hints): PortOf[] {
  return ports.map((one) => parseServedPort(one) as PortOf);
}
