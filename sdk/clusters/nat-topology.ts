import {
  familyOf,
  hostPort,
  isSameAddress,
  PORT,
  type Problem,
  parseAddress,
  parseNetwork,
  WEIGHT,
} from "pulumi-lvs-provider/model";
import { plain } from "../arguments/plain";
import { problem } from "../arguments/problem";
import type { Host } from "../host/host";
import { directorsKnown } from "./directors";
import { failoverProblems } from "./failover-topology";
import type { NatClusterArgs } from "./nat-args";
import {
  addressProblem,
  networkProblem,
  noServers,
  ownServers,
  portsProblems,
  rangeProblem,
  repeatedServers,
  schedulerProblem,
  vipProblem,
} from "./topology";

/**
 * A NAT site, as far as the program knows it now. Values that come later are undefined, and the provider judges them.
 */
export interface NatTopology {
  /** The names of the directors' hosts. */
  readonly directors: readonly string[];
  readonly vip: string | undefined;
  readonly gateway: string | undefined;
  readonly ports: readonly unknown[];
  readonly scheduler: string | undefined;
  readonly clients: readonly (string | undefined)[];
  readonly realServers: readonly NatServer[];
}

export interface NatServer {
  readonly host: string;
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly weight: number | undefined;
}

/** Every problem of what is declared, as far as the program knows it now. */
export function natClusterProblems(
  args: NatClusterArgs,
  { directors, given: ports }: { directors: readonly Host[]; given: readonly unknown[] },
): Problem[] {
  const { vip, gateway, scheduler, clients, realServers } = args;
  const servers = realServers.map(({ host, address }) => [`the real server ${host.name}'s`, plain(address)] as const);
  const others = [["the gateway, which floats", plain(gateway)] as const, ...servers];
  const directing = failoverProblems({ ...directorsKnown(args), vip: plain(vip), others });
  const rest = natProblems({
    directors: directors.map(({ name }) => name),
    vip: plain(vip),
    gateway: plain(gateway),
    ports,
    scheduler: plain(scheduler),
    clients: [clients ?? []].flat().map(plain),
    realServers: realServers.map(({ host, address, port, weight }) => ({
      host: host.name,
      address: plain(address),
      port: plain(port),
      weight: plain(weight),
    })),
  });
  const [own, floats] = [plain(gateway), plain(vip)];
  const one = args.failover && own && isSameAddress(own, floats);
  return [
    ...directing,
    ...rest,
    ...problem("gateway", one && `${own} is the VIP as well: give the address on the real servers' network`),
  ];
}

/** Every problem of the site, each with its property. */
export function natProblems(topology: NatTopology): Problem[] {
  return [
    ...malformed(topology),
    ...ownServers(topology.directors, topology.realServers, "its default route would lead to itself"),
    ...repeatedServers(topology.realServers),
    ...mixedFamilies(topology),
    ...takenAddresses(topology),
  ];
}

function malformed({ vip, gateway, ports, scheduler, clients, realServers }: NatTopology): Problem[] {
  return [
    vipProblem(vip),
    addressProblem("gateway", gateway),
    ...portsProblems(ports),
    schedulerProblem(scheduler),
    ...clients.map((network, at) => networkProblem(`clients[${at}]`, network)),
    noServers(realServers),
    ...realServers.flatMap(({ address, port, weight }, at) => [
      addressProblem(`realServers[${at}].address`, address),
      rangeProblem(`realServers[${at}].port`, port, PORT),
      rangeProblem(`realServers[${at}].weight`, weight, WEIGHT),
    ]),
  ].filter((problem) => problem !== undefined);
}

// IPVS translates addresses within one family. Only tunnels carry one family in the other
// (net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_add_dest).
function mixedFamilies({ vip, gateway, clients, realServers }: NatTopology): Problem[] {
  const family = vip && parseAddress(vip)?.kind();
  if (!family) return [];
  const others = [
    { property: "gateway", address: gateway },
    ...clients.map((network, at) => ({ property: `clients[${at}]`, address: network })),
    ...realServers.map(({ address }, at) => ({ property: `realServers[${at}].address`, address })),
  ];
  return others.flatMap(({ property, address }) => {
    if (typeof address !== "string" || !parseNetwork(address) || familyOf(address) === family) return [];
    const reason = `${address} is of another address family than the VIP ${vip}. NAT needs one family: declare a cluster for each`;
    return [{ property, reason }];
  });
}

function takenAddresses({ vip, gateway, realServers }: NatTopology): Problem[] {
  return realServers.flatMap(({ address }, at) => {
    if (!address) return [];
    const property = `realServers[${at}].address`;
    if (isSameAddress(vip, address))
      return [{ property, reason: `${address} is the VIP as well. Give the real server an address of its own` }];
    if (isSameAddress(gateway, address))
      return [{ property, reason: `${address} is the director's own address (gateway). Give the real server's` }];
    return [];
  });
}

/** The destinations of the service on one port. A real server that declares no port serves on the service's own. */
export function natDestinations(
  realServers: readonly { address: string; port?: number | undefined; weight?: number | undefined }[],
  servicePort: number,
): Record<string, { weight: number }> {
  return Object.fromEntries(
    realServers.map(({ address, port, weight }) => [hostPort(address, port ?? servicePort), { weight: weight ?? 1 }]),
  );
}
