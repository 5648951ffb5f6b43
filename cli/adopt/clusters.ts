import {
  familyOfMatch,
  matchKey,
  type PortOf,
  parseHostPort,
  portsByProtocol,
  servedPort,
  singleClient,
} from "pulumi-lvs-provider/model";
import { addressOn, type Found, type FoundService, gatewayOf, movedBy } from "./found";
import { markedBy } from "./marks";
import { type Args, on } from "./part";
import type { Declaration, Value } from "./program";
import { forwardingOf, type Server, serversOf } from "./servers";
import { quiet } from "./sides";

/** The cluster that has exactly these services, which are alike; or why there is none. */
export function clusterOf(
  name: string,
  director: Found,
  services: readonly FoundService[],
  hosts: readonly Found[],
): Declaration | string {
  const [service] = services as [FoundService];
  const servers = serversOf(service, hosts, director);
  const why = unlikeAny(service) ?? unlikeServers(director, service, servers);
  if (why !== undefined) return why;
  if (forwardingOf(service) !== "nat") return drCluster(name, director, service, servers as Named[]);
  const ports: PortOf[] = [];
  for (const { match } of services) {
    if ("mark" in match) return "with NAT a cluster has a service for each port, and none of a mark";
    ports.push(match);
  }
  return natCluster(name, director, service, { servers: servers as Named[], ports });
}

/**
 * What two services have in common that stand in one cluster with NAT: all but their ports. A real server has the service's own
 * port, or one for all. Another service has this for itself alone.
 */
export function siteKey(service: FoundService): string {
  const { match, destinations, ...scheduling } = service;
  if ("mark" in match || forwardingOf(service) !== "nat") return matchKey(match);
  const servers = Object.entries(destinations).map(([key, to]) => {
    const { address, port } = parseHostPort(key) as { address: string; port: number };
    return [address, port === match.port ? "" : port, to];
  });
  return JSON.stringify([match.address, scheduling, servers.map((one) => JSON.stringify(one)).sort()]);
}

/** What a service has that no cluster has; undefined if there is nothing. */
function unlikeAny({ match, onePacket, flags, destinations }: FoundService): string | undefined {
  if ("port" in match && match.port === 0) return "a cluster names its ports, and this service catches every port";
  if (onePacket) return "a cluster schedules connections, and this service each packet by itself (ops)";
  if (flags.length > 0) return `a cluster has no flags of a scheduler, and this service has ${flags.join(", ")}`;
  const all = Object.entries(destinations);
  if (all.length === 0) return "a cluster needs a real server, and this service has none";
  for (const [key, { tunnel, upperThreshold, lowerThreshold }] of all) {
    if (tunnel) return `a cluster has tunnels of IP in IP alone, and ${key} is reached by ${tunnel.type}`;
    if (upperThreshold || lowerThreshold) return `a cluster has no thresholds, and ${key} has`;
  }
  return undefined;
}

function unlikeServers(director: Found, service: FoundService, servers: readonly Server[]): string | undefined {
  const forwarding = forwardingOf(service);
  const twice = servers.find(({ found }, at) => found && servers.findIndex((one) => one.found === found) < at);
  for (const { found, address, forwarding: own } of servers) {
    if (found === director) return `the director's own address ${address} is a destination`;
    if (!found) return `none of the hosts that were named has the address ${address}`;
    if (own !== forwarding)
      return `a cluster reaches its real servers in one way, and here are ${forwarding} and ${own}`;
  }
  return twice && `a cluster has each real server once, and ${twice.found?.name} is a destination twice`;
}

/** A real server whose host was named. */
type Named = Server & { readonly found: Found };

/** What a site with NAT has. */
interface Routed {
  readonly servers: readonly Named[];
  readonly ports: readonly PortOf[];
}

function natCluster(name: string, director: Found, service: FoundService, { servers, ports }: Routed) {
  const { match, scheduler } = service as FoundService & { match: PortOf & { address: string } };
  const vip = match.address;
  const gateways = [...new Set(servers.map(({ found }) => gatewayOf(found, vip.includes(":"))))];
  const [gateway] = gateways;
  if (gateways.length > 1)
    return `the real servers' default routes lead to ${gateways.map((one) => one ?? "nowhere").join(", ")}`;
  if (gateway === undefined) return "the real servers have no default route, and in a cluster it leads to the director";
  const side = addressOn(director, gateway);
  if (!side) return `the real servers' default routes lead to ${gateway}, which is no address of the director`;
  const one = addressOn(director, vip)?.device === side.device ? { arms: "one", interface: side.device } : {};
  const realServers = servers.map(({ found, address, port: own, weight }) => ({
    ...{ host: on(found), address, weight },
    ...(own !== match.port && { port: own }),
  }));
  const common = { director: on(director), vip, ports: inOrder(ports), scheduler };
  const args: Args = { ...common, gateway, ...one, ...persistenceOf(service), realServers };
  return { class: "NatCluster", name, args };
}

function drCluster(name: string, director: Found, service: FoundService, servers: readonly Named[]) {
  const { match, scheduler, persistence } = service;
  const caught = "mark" in match ? markedBy(director, match.mark) : { vip: match.address, ports: [match] };
  if (typeof caught === "string") return caught;
  const { vip, ports } = caught;
  const alias = addressOn(director, vip);
  if (!alias) return `no interface of the director has the VIP ${vip}`;
  const moved = movedBy(director, vip);
  if (moved) return `the VIP ${vip} is moved between hosts (${moved})`;
  if (persistence && "port" in match)
    return "with direct routing a cluster keeps its clients by a mark, and this service has none";
  const port = "mark" in match ? 0 : match.port;
  const other = servers.find((server) => server.port !== port);
  if (other)
    return `with direct routing a packet keeps its port, and the destination ${other.address} has port ${other.port}`;
  const realServers = servers.map(({ found, address, weight }) => {
    const device = addressOn(found, address)?.device ?? alias.device;
    return {
      ...{ host: on(found), address, weight },
      ...(device !== alias.device && { device }),
      ...quiet(found, device),
    };
  });
  const forwarding = forwardingOf(service);
  const how = {
    ...(forwarding === "tun" && { forwarding }),
    ...("mark" in match && { mark: match.mark }),
    ...persistenceOf(service),
  };
  const common = { director: on(director), vip, ports: inOrder(ports), scheduler };
  const args: Args = { ...common, device: alias.device, ...how, realServers };
  return { class: "DrCluster", name, args };
}

/** Ports as a cluster takes them, those of TCP first. One stands by itself. */
function inOrder(ports: readonly PortOf[]): Value {
  const all = [...portsByProtocol(ports)].flatMap(([protocol, own]) =>
    own.sort((a, b) => a - b).map((port) => servedPort({ protocol, port })),
  );
  return all.length === 1 ? all[0] : all;
}

export function persistenceOf({ persistence, match }: Pick<FoundService, "persistence" | "match">): Args {
  if (!persistence) return {};
  const { timeout, mask, engine } = persistence;
  const whole = singleClient(familyOfMatch(match));
  return { persistence: { timeout, ...(mask !== whole && { mask }), ...(engine && { engine }) } };
}
