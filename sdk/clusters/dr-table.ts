import type * as pulumi from "@pulumi/pulumi";
import { familyOf, type Protocol, portsByProtocol, servedPort } from "pulumi-lvs-provider/model";
import type { AdviceHints } from "../arguments/advice-args";
import { later } from "../arguments/later";
import { FirewallMark } from "../kinds/firewall-mark";
import { VirtualService } from "../kinds/virtual-service";
import { type Checking, type ClusterChecks, clusterChecks, type Site } from "./cluster-checks";
import type { ClusterHost } from "./directors";
import type { Declared } from "./dr-site";
import { drDestinations } from "./dr-topology";
import { CONSISTENT } from "./ecmp";
import { type ClusterService, matchOf, type ServiceMatch } from "./health";
import { portName, siteProblems } from "./topology";

// What a director's table has of a `DrCluster`, and what leads packets to it.

export function createService(
  parent: pulumi.Resource,
  name: string,
  site: Declared,
  { host, suffix }: ClusterHost,
  dependsOn: pulumi.Resource[],
): VirtualService {
  const { vip: address, scheduler, persistence, forwarding, drain, mark, marked, only, port, ecmp } = site;
  const values = { vip: address, servers: serversOf(site) };
  const made = <R>(make: (known: Site) => R) => later(site.declared, values, siteProblems, make);
  const destinations = made(({ servers }) => drDestinations(servers, port));
  const scheduling = { scheduler, ...(ecmp && { schedulerFlags: [...CONSISTENT.schedulerFlags] }) };
  const how = { host, ...scheduling, persistence, forwarding, destinations, drain, advice: hintsOf(site) };
  const options = { parent, dependsOn };
  if (!marked)
    return new VirtualService(`${name}-${portName(only)}${suffix}`, { ...matchOf(address, only), ...how }, options);
  const family = made(({ vip }) => familyOf(vip));
  return new VirtualService(`${name}-mark-${mark}${suffix}`, { mark, family, ...how }, options);
}

export function createChecks(
  parent: pulumi.Resource,
  name: string,
  site: Declared,
  { host, suffix }: ClusterHost,
  { health, after }: Checking,
): ClusterChecks {
  const { vip, scheduler, persistence, forwarding, drain, port, ecmp } = site;
  const how = { ...(persistence && { persistence }), ...(ecmp && { schedulerFlags: [...CONSISTENT.schedulerFlags] }) };
  const services = (known: Site): ClusterService[] => {
    const destinations = drDestinations(known.servers, port);
    return [{ match: matchIn(site, known.vip), forwarding, destinations, scheduler, ...how }];
  };
  const checks = {
    ...{ declared: site.declared, cluster: name, host, health, drain, services, after },
    ...{ site: { vip, servers: serversOf(site) }, advice: site.advice, hints: hintsOf(site) },
  };
  return clusterChecks(`${name}-health${suffix}`, checks, parent);
}

/** What the service of the site catches. */
export function matchIn({ marked, mark, only }: Declared, vip: string): ServiceMatch {
  return marked ? { mark, family: familyOf(vip) } : matchOf(vip, only);
}

function hintsOf({ vip: address, ports, floating }: Declared): AdviceHints {
  return { address, ports: ports.map(servedPort), ...(floating && { floats: true }) };
}

function serversOf({ realServers }: Declared) {
  return realServers.map(({ address, weight }) => ({ address, weight }));
}

/**
 * The rules that mark packets, one a protocol, TCP's first. They come last, because a packet with a mark that no service
 * catches reaches the director itself, which refuses it. Where the service goes back to its port, TCP's rule stops marking
 * while the service of the mark still exists. Another protocol's goes before that service.
 */
export function createMarks(
  parent: pulumi.Resource,
  name: string,
  { vip: address, mark, marked, ports }: Declared,
  { host, suffix }: ClusterHost,
  dependsOn: pulumi.Resource[],
): [FirewallMark, ...FirewallMark[]] {
  const { tcp = [], ...others } = Object.fromEntries(marked ? portsByProtocol(ports) : []);
  const options = { parent, dependsOn };
  const marking = { host, mark, address };
  return [
    new FirewallMark(`${name}-packets${suffix}`, { ...marking, ports: tcp }, options),
    ...Object.entries(others).map(([protocol, own]) => {
      const its = { ...marking, protocol: protocol as Protocol, ports: own };
      return new FirewallMark(`${name}-packets-${protocol}${suffix}`, its, options);
    }),
  ];
}
