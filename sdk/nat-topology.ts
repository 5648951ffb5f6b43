import { contains, destinationKey, normalAddress, parseAddress, parseNetwork } from "./address";
import type { Problem } from "./argument-error";
import { schedulers } from "./ipvs";

/** A NAT site as far as the program knows it now; what comes later is undefined and judged by the provider. */
export interface NatTopology {
  readonly vip: string | undefined;
  readonly gateway: string | undefined;
  readonly ports: readonly number[];
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

/** Everything that is wrong with it, each with its property. */
export function natProblems(topology: NatTopology): Problem[] {
  return [
    ...malformed(topology),
    ...duplicates(topology),
    ...mixedFamilies(topology),
    ...takenAddresses(topology),
    ...bypassedDirector(topology),
  ];
}

function malformed({ vip, gateway, ports, scheduler, clients, realServers }: NatTopology): Problem[] {
  return [
    addressProblem("vip", vip),
    addressProblem("gateway", gateway),
    ports.length === 0 ? { property: "ports", reason: "at least one port is needed" } : undefined,
    ...ports.map((port, at) => portProblem(`ports[${at}]`, port)),
    schedulerProblem(scheduler),
    ...clients.map((network, at) => networkProblem(`clients[${at}]`, network)),
    realServers.length === 0
      ? {
          property: "realServers",
          reason: "at least one real server is needed; weight 0 keeps one without new connections",
        }
      : undefined,
    ...realServers.flatMap(({ address, port, weight }, at) => [
      addressProblem(`realServers[${at}].address`, address),
      portProblem(`realServers[${at}].port`, port),
      weightProblem(`realServers[${at}].weight`, weight),
    ]),
  ].filter((problem) => problem !== undefined);
}

function addressProblem(property: string, text: string | undefined): Problem | undefined {
  if (text === undefined || parseAddress(String(text))) return undefined;
  return {
    property,
    reason: `"${text}" is not an IPv4 or IPv6 address. Write it like 192.168.199.146, without a prefix`,
  };
}

function networkProblem(property: string, text: string | undefined): Problem | undefined {
  if (text === undefined || parseNetwork(String(text))) return undefined;
  return { property, reason: `"${text}" is not a network. Write it like 172.17.111.0/24` };
}

function portProblem(property: string, port: number | undefined): Problem | undefined {
  if (port === undefined || within(port, 1, 65535)) return undefined;
  return { property, reason: `${JSON.stringify(port)} is not a port: a whole number from 1 to 65535` };
}

function weightProblem(property: string, weight: number | undefined): Problem | undefined {
  if (weight === undefined || within(weight, 0, 65535)) return undefined;
  return { property, reason: `${JSON.stringify(weight)} is not a weight: a whole number from 0 to 65535` };
}

function schedulerProblem(scheduler: string | undefined): Problem | undefined {
  if (scheduler === undefined || (schedulers as readonly string[]).includes(scheduler)) return undefined;
  return {
    property: "scheduler",
    reason: `IPVS has no scheduler "${scheduler}". Choose one of ${schedulers.join(", ")}`,
  };
}

function within(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function duplicates({ ports, realServers }: NatTopology): Problem[] {
  return [
    ...repeated(ports).map(([at, first]) => ({
      property: `ports[${at}]`,
      reason: `${ports[at]} is declared twice (ports[${first}] too). Leave one out`,
    })),
    ...repeated(realServers.map(({ host }) => host)).map(([at, first]) => ({
      property: `realServers[${at}].host`,
      reason: `the host ${realServers[at]?.host} is declared twice (realServers[${first}] too). Leave one out, and set its weight`,
    })),
    ...repeated(realServers.map(({ address }) => address && normalAddress(address))).map(([at, first]) => ({
      property: `realServers[${at}].address`,
      reason: `${realServers[at]?.address} is declared twice (realServers[${first}] too). Give every real server its own address`,
    })),
  ];
}

/** [where it is repeated, where it was first] */
function repeated(values: readonly unknown[]): [number, number][] {
  return values.flatMap((value, at): [number, number][] => {
    const first = values.indexOf(value);
    return value !== undefined && first < at ? [[at, first]] : [];
  });
}

// IPVS translates within one family; only tunnels carry one in the other (net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_add_dest).
function mixedFamilies({ vip, gateway, realServers }: NatTopology): Problem[] {
  const family = vip && parseAddress(vip)?.kind();
  if (!family) return [];
  const others = [
    { property: "gateway", address: gateway },
    ...realServers.map(({ address }, at) => ({ property: `realServers[${at}].address`, address })),
  ];
  return others.flatMap(({ property, address }) => {
    const kind = address && parseAddress(address)?.kind();
    if (!kind || kind === family) return [];
    const reason = `${address} is of another address family than the VIP ${vip}. NAT needs one family: a service for each`;
    return [{ property, reason }];
  });
}

function takenAddresses({ vip, gateway, realServers }: NatTopology): Problem[] {
  return realServers.flatMap(({ address }, at) => {
    if (!address) return [];
    const property = `realServers[${at}].address`;
    if (vip && normalAddress(vip) === normalAddress(address))
      return [{ property, reason: `${address} is the VIP as well. Give the real server an address of its own` }];
    if (gateway && normalAddress(gateway) === normalAddress(address))
      return [{ property, reason: `${address} is the director's own address (gateway). Give the real server's` }];
    return [];
  });
}

function bypassedDirector({ clients, realServers }: NatTopology): Problem[] {
  return clients.flatMap((network, at) =>
    realServers.flatMap(({ address }) =>
      network && address && contains(network, address)
        ? [
            {
              property: `clients[${at}]`,
              reason:
                `the clients' network ${network} contains the real server ${address}: its replies would go straight to the ` +
                "client instead of through the director, and the client would refuse them. Move the real servers to a network " +
                "of their own, or use direct routing",
            },
          ]
        : [],
    ),
  );
}

/** The destinations of the service on one port: the real servers' own port wherever none is given. */
export function natDestinations(
  realServers: readonly { address: string; port?: number | undefined; weight?: number | undefined }[],
  servicePort: number,
): Record<string, { weight: number }> {
  return Object.fromEntries(
    realServers.map(({ address, port, weight }) => [
      destinationKey(address, port ?? servicePort),
      { weight: weight ?? 1 },
    ]),
  );
}
