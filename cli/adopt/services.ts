import { type Forwarding, familyOf, matchName, parseHostPort, singleClient } from "pulumi-lvs-provider/model";
import { addressOn, type Found, type FoundService, gatewayOf, movedBy } from "./found";
import { type Args, on, type Part, part, word } from "./part";
import type { Declaration } from "./program";
import { directorPart, quiet, routedServerPart, silentServerPart, vipLeftOut } from "./sides";

/** A destination with the host that has its address, where that host was named. */
interface Server {
  readonly found: Found | undefined;
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly forwarding: Forwarding | "local";
}

export function serversOf(service: Pick<FoundService, "destinations">, hosts: readonly Found[]): Server[] {
  return Object.entries(service.destinations).map(([key, { weight, forwarding }]) => {
    const { address, port } = parseHostPort(key) as { address: string; port: number };
    return { found: hosts.find((host) => addressOn(host, address)), address, port, weight, forwarding };
  });
}

/** A service with fixed destinations: a cluster if it can be one. */
export function servicePart(name: string, director: Found, service: FoundService, hosts: readonly Found[]): Part {
  const servers = serversOf(service, hosts);
  const forwarding = forwardingOf(service);
  return {
    host: director.name,
    what: `the service ${matchName(service.match)}`,
    candidates: [cluster(name, director, service, servers)].filter((one) => one !== undefined),
    otherwise: [
      ...sidesParts(name, director, service, servers, forwarding),
      part(director, `the service ${matchName(service.match)}`, {
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
    ...servers.flatMap(({ found, address, forwarding: own }) =>
      found && found !== director ? [serverPart(found, address, own === "local" ? forwarding : own)] : [],
    ),
  ];
}

function forwardingOf({ destinations }: FoundService): "nat" | "dr" | "tun" {
  const all = Object.values(destinations).map((to) => to.forwarding);
  return (all.find((one) => one !== "local") ?? "nat") as "nat" | "dr" | "tun";
}

function cluster(
  name: string,
  director: Found,
  service: FoundService,
  servers: readonly Server[],
): Declaration[] | undefined {
  const { match, scheduler, persistence, onePacket, flags } = service;
  const forwarding = forwardingOf(service);
  const plain = Object.values(service.destinations).every(
    (to) => to.forwarding === forwarding && !to.tunnel && !to.upperThreshold && !to.lowerThreshold,
  );
  if (!("address" in match) || match.protocol !== "tcp" || match.port === 0) return undefined;
  if (!plain || onePacket || flags.length > 0 || servers.length === 0) return undefined;
  if (servers.some(({ found }) => !found || found === director)) return undefined;
  const { address: vip, port } = match;
  const common: Args = { director: on(director), vip, ports: port, scheduler };
  if (forwarding === "nat") {
    const gateways = new Set(servers.map(({ found }) => gatewayOf(found as Found, vip.includes(":"))));
    const [gateway] = [...gateways];
    const side = gateway === undefined ? undefined : addressOn(director, gateway);
    if (gateways.size !== 1 || !side) return undefined;
    const one = addressOn(director, vip)?.device === side.device ? { arms: "one", interface: side.device } : {};
    const realServers = servers.map(({ found, address, port: own, weight }) => ({
      ...{ host: on(found as Found), address, weight },
      ...(own !== port && { port: own }),
    }));
    const args = { ...common, gateway, ...one, ...kept(service), realServers };
    return [{ class: "NatCluster", name, args }];
  }
  const alias = addressOn(director, vip);
  if (!alias || persistence || movedBy(director, vip) || servers.some((server) => server.port !== port))
    return undefined;
  const realServers = servers.map(({ found, address, weight }) => {
    const device = addressOn(found as Found, address)?.device ?? alias.device;
    return {
      ...{ host: on(found as Found), address, weight },
      ...(device !== alias.device && { device }),
      ...quiet(found as Found, device),
    };
  });
  const how = forwarding === "tun" ? { forwarding } : {};
  return [{ class: "DrCluster", name, args: { ...common, device: alias.device, ...how, realServers } }];
}
function kept({ persistence, match }: Pick<FoundService, "persistence" | "match">): Args {
  if (!persistence) return {};
  const { timeout, mask, engine } = persistence;
  const whole = singleClient("mark" in match ? match.family : familyOf(match.address));
  return { persistence: { timeout, ...(mask !== whole && { mask }), ...(engine && { engine }) } };
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
    ...kept(service),
    destinations,
  };
}
