import { familyOf, isLabel, matchName, parseHostPort, singleClient } from "pulumi-lvs-provider/model";
import { addressOn, type Found, type FoundService, gatewayOf, movedByKeepalived } from "./found";
import { type Declaration, HostNamed, type Value } from "./program";

/**
 * A part of a site. The first of the candidates that changes nothing is taken, whole. Where none is, the smaller parts
 * are tried one by one.
 */
export interface Part {
  readonly host: string;
  readonly what: string;
  readonly candidates: readonly (readonly Declaration[])[];
  readonly otherwise?: readonly Part[];
}

type Args = Record<string, Value>;

const on = ({ name }: Found) => new HostNamed(name);
const part = (found: Found, what: string, ...declarations: Declaration[]): Part => ({
  host: found.name,
  what,
  candidates: [declarations],
});
export const word = (text: string) => text.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");

/** A destination with the host that has its address, where that host was named. */
interface Server {
  readonly found: Found | undefined;
  readonly address: string;
  readonly port: number;
  readonly weight: number;
}

export function serversOf(service: Pick<FoundService, "destinations">, hosts: readonly Found[]): Server[] {
  return Object.entries(service.destinations).map(([key, { weight }]) => {
    const { address, port } = parseHostPort(key) as { address: string; port: number };
    return { found: hosts.find((host) => addressOn(host, address)), address, port, weight };
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
  return [
    directorPart(`${name}-director`, director, vip, forwarding),
    ...servers.flatMap(({ found, address }) =>
      found && found !== director
        ? [serverPart(`${name}-${word(found.name)}`, found, director, address, vip, forwarding)]
        : [],
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
  if (!alias || persistence || movedByKeepalived(director, vip) || servers.some((server) => server.port !== port))
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

/** The interfaces of a real server that are silent about its VIP. Where all are that a cluster makes silent, there is nothing to say. */
function quiet({ around: { settings } }: Found, device: string): Args {
  const all = ["all", "lo", device];
  const silent = all.filter(
    (at) => setting(settings, at, "arp_ignore") === "1" && setting(settings, at, "arp_announce") === "2",
  );
  return silent.length === all.length ? {} : { arpOn: silent };
}

function key(device: string, name: string): string {
  return device.includes(".") ? `net/ipv4/conf/${device}/${name}` : `net.ipv4.conf.${device}.${name}`;
}

function setting(settings: Readonly<Record<string, string>>, device: string, name: string): string | undefined {
  return settings[key(device, name)];
}

function kept({ persistence, match }: Pick<FoundService, "persistence" | "match">): Args {
  if (!persistence) return {};
  const { timeout, mask, engine } = persistence;
  const whole = singleClient("mark" in match ? match.family : familyOf(match.address));
  return { persistence: { timeout, ...(mask !== whole && { mask }), ...(engine && { engine }) } };
}

function directorPart(name: string, director: Found, vip: string | undefined, forwarding: "nat" | "dr" | "tun"): Part {
  const alias = vip === undefined ? undefined : addressOn(director, vip);
  const isOurs =
    alias && vip !== undefined && alias.prefix === (vip.includes(":") ? 128 : 32) && !movedByKeepalived(director, vip);
  const family = vip?.includes(":") ? { family: "ipv6" } : {};
  const how: Args = { host: on(director), forwarding, ...family };
  const whole: Args = isOurs ? { ...how, vip: { address: vip, device: alias.device } } : how;
  const forward = vip?.includes(":") ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";
  return {
    host: director.name,
    what: "the director's own settings",
    candidates: [[{ class: "Director", name, args: whole }]],
    otherwise: [
      part(director, "the package ipvsadm", {
        class: "Package",
        name: `${name}-ipvsadm`,
        args: { host: on(director), package: "ipvsadm" },
      }),
      part(director, "the kernel module ip_vs", {
        class: "KernelModule",
        name: `${name}-ip-vs`,
        args: { host: on(director), module: "ip_vs" },
      }),
      ...(forwarding === "nat"
        ? [
            part(director, forward, {
              class: "Sysctl",
              name: `${name}-forwarding`,
              args: { host: on(director), key: forward, value: 1 },
            }),
          ]
        : []),
      ...(isOurs ? [aliasPart(`${name}-vip`, director, vip, alias)] : []),
    ],
  };
}

function aliasPart(
  name: string,
  found: Found,
  vip: string,
  { device, label }: { device: string; label?: string | undefined },
): Part {
  const labelled = label !== undefined && label !== device && isLabel(label, device) ? { label } : {};
  return part(found, `the address ${vip} on ${device}`, {
    class: "VipAlias",
    name,
    args: { host: on(found), address: vip, device, ...labelled },
  });
}

function serverPart(
  name: string,
  found: Found,
  director: Found,
  address: string,
  vip: string | undefined,
  forwarding: "nat" | "dr" | "tun",
): Part {
  const ipv6 = address.includes(":");
  const device = addressOn(found, address)?.device ?? "eth0";
  if (forwarding === "nat") {
    const gateway = gatewayOf(found, ipv6);
    const leads = gateway !== undefined && addressOn(director, gateway) !== undefined;
    const args: Args = { host: on(found), address, forwarding, gateway };
    return {
      host: found.name,
      what: leads
        ? "the default route through the director"
        : `the default route: it leads to ${gateway ?? "nowhere"}, which is no address of ${director.name}`,
      candidates: leads ? [[{ class: "RealServer", name, args }]] : [],
      otherwise: leads
        ? [
            part(found, "the default route", {
              class: "Route",
              name: `${name}-default`,
              args: { host: on(found), to: "default", via: gateway },
            }),
          ]
        : [],
    };
  }
  const alias = vip === undefined ? undefined : addressOn(found, vip);
  const args: Args = { host: on(found), address, forwarding, vip, device, ...quiet(found, device) };
  const settings = ["all", "lo", device].flatMap((at) =>
    ["arp_ignore", "arp_announce"].flatMap((name) => {
      const value = setting(found.around.settings, at, name);
      return value === undefined || value === "0" ? [] : [{ at, name, value }];
    }),
  );
  return {
    host: found.name,
    what: vip === undefined ? "what the real server has for a marked service" : `the VIP ${vip} of the real server`,
    candidates: alias ? [[{ class: "RealServer", name, args }]] : [],
    otherwise: [
      ...settings.map(({ at, name: of, value }) =>
        part(found, key(at, of), {
          class: "Sysctl",
          name: `${name}-${of}-${word(at)}`,
          args: { host: on(found), key: key(at, of), value },
        }),
      ),
      ...(alias && vip !== undefined ? [aliasPart(`${name}-vip`, found, vip, alias)] : []),
    ],
  };
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
