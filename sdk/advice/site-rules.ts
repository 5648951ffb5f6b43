import {
  contains,
  type Forwarding,
  isSameAddress,
  type PortOf,
  type Rule,
  servedPort,
} from "pulumi-lvs-provider/model";
import { problem } from "../arguments/problem";

/** A host as the program reaches it. */
export interface HostFacts {
  readonly name: string;
  /** The address for SSH; undefined where it comes later, is a name, or where another port leads through something. */
  readonly address: string | undefined;
}

/** A site as far as the program knows it now. A value that comes later is undefined, and breaks no rule. */
export interface SiteFacts {
  readonly forwarding: Forwarding;
  readonly director: HostFacts;
  readonly vip: string | undefined;
  readonly ports: readonly PortOf[];
  /** The networks that clients come from. */
  readonly clients: readonly (string | undefined)[];
  readonly servers: readonly ServerFacts[];
}

export interface ServerFacts {
  readonly host: HostFacts;
  readonly address: string | undefined;
  readonly port: number | undefined;
}

/** What makes the addresses and ports of a site fail. */
export const siteRules: readonly Rule<SiteFacts>[] = [
  {
    name: "clients-beside-servers",
    severity: "error",
    cause:
      "its replies would go straight to the client instead of through the director, and the client would refuse them",
    cure: "Move the real servers to a network of their own, or use direct routing",
    judge: ({ forwarding, clients, servers }) =>
      forwarding !== "nat"
        ? []
        : clients.flatMap((network, at) =>
            servers.flatMap(({ address }) =>
              network && address && contains(network, address)
                ? problem(`clients[${at}]`, `the clients' network ${network} contains the real server ${address}`)
                : [],
            ),
          ),
  },
  {
    name: "port-mapping",
    severity: "error",
    cause: "direct routing and tunnels leave packets as they are, and nothing translates ports",
    cure: "Let the real server listen on the port that clients connect to, or use NAT",
    judge: ({ forwarding, ports, servers }) =>
      forwarding === "nat"
        ? []
        : servers.flatMap(({ port }, at) =>
            port === undefined || (ports.length === 1 && ports[0]?.port === port)
              ? []
              : problem(
                  `realServers[${at}].port`,
                  `${port} is declared, and clients connect to ${ports.map(servedPort).join(", ")}`,
                ),
          ),
  },
  {
    name: "swapped-addresses",
    severity: "error",
    cause: "the VIP belongs to the director, and the address of a real server (RIP) to that server alone",
    cure: "Are the two swapped? Give vip the director's address that clients use, and address each server's own",
    judge: ({ director, vip, servers }) =>
      servers.flatMap(({ host, address }, at) => [
        ...(isSameAddress(vip, host.address)
          ? problem("vip", `${vip} is the address of the real server ${host.name}`)
          : []),
        ...(host.name !== director.name && isSameAddress(address, director.address)
          ? problem(`realServers[${at}].address`, `${address} is the address of the director ${director.name}`)
          : []),
      ]),
  },
  {
    name: "vip-of-director",
    severity: "warning",
    cause:
      "the real servers have the VIP, too, and answer themselves what the director itself sends from it: health checks and jumps to them fail",
    cure: "Give the site a VIP of its own",
    judge: ({ forwarding, director, vip }) =>
      forwarding !== "nat" && isSameAddress(vip, director.address)
        ? problem("vip", `${vip} is the director's own address`)
        : [],
  },
];
