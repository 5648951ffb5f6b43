/** One network of the lab: a bridge in the lab's namespace. The bridge's own address is the guests' first gateway. */
export interface Network {
  /** The bridge's name inside the namespace. */
  readonly bridge: string;
  /** The bridge's own address, with its prefix. */
  readonly address: string;
}

/** The tutorial's networks. They are in a namespace of their own, so no address clashes with the machine's. */
export const networks: Record<"lan" | "hostonly", Network> = {
  lan: { bridge: "lan", address: "172.17.111.1/24" },
  hostonly: { bridge: "hostonly", address: "192.168.199.1/24" },
};

/** The port of the packages' server, on the own address of every bridge. */
export const packagesPort = 8642;

/**
 * The address that connections to a routed guest come from. It is on none of the guest's networks. So the guest's
 * replies follow its default route, and a wrong default route cuts the connection, as for an administrator on another
 * network.
 */
export const routedSource = "10.111.0.1";

/** A guest that is known before Pulumi makes it. Its host key, ssh_config and routed management come from this. */
export interface Guest {
  readonly name: string;
  /** The address of the guest's first interface, by which the guest is managed. */
  readonly address: string;
  readonly bridge: string;
  /** Whether the guest is managed over its default route, and not as a neighbour. */
  readonly routed?: boolean;
}

/**
 * The hosts that a stack's experiment may have. Experiment 1 has the real servers on the host-only network, and so has
 * experiment ecmp, with all directors beside them. All other experiments have everything on the LAN.
 */
export function defaultGuests(stack: string): Guest[] {
  const director = { name: "director", address: "172.17.111.117", bridge: "lan" };
  const director2 = { name: "director2", address: "172.17.111.118", bridge: "lan" };
  if (stack === "nat" || stack.startsWith("nat-"))
    return [
      director,
      director2,
      { name: "rs1", address: "192.168.199.146", bridge: "hostonly" },
      { name: "rs2", address: "192.168.199.143", bridge: "hostonly" },
    ];
  if (stack === "ecmp" || stack.startsWith("ecmp-"))
    return [
      { name: "router", address: "172.17.111.116", bridge: "lan" },
      { name: "director", address: "192.168.199.117", bridge: "hostonly" },
      { name: "director2", address: "192.168.199.118", bridge: "hostonly" },
      { name: "director3", address: "192.168.199.119", bridge: "hostonly" },
      { name: "rs1", address: "192.168.199.146", bridge: "hostonly" },
      { name: "rs2", address: "192.168.199.143", bridge: "hostonly" },
    ];
  return [
    director,
    director2,
    { name: "rs1", address: "172.17.111.234", bridge: "lan" },
    { name: "rs2", address: "172.17.111.222", bridge: "lan" },
    { name: "db", address: "172.17.111.200", bridge: "lan" },
  ];
}

/**
 * More addresses of the lab's namespace on the LAN. To IPVS each of them is one more client. They are secondary
 * addresses, of a subnet that the bridge has already. So only what asks for one of them is sent from it.
 */
export const sources = ["172.17.111.11", "172.17.111.12", "172.17.111.13", "172.17.111.14"];

/** The largest number of client hosts for which the LAN has addresses. */
export const mostClients = 50;

/** The last octets 201 to 254, without those of the tutorial's real servers on one LAN. */
const clientHosts = Array.from({ length: 54 }, (_, i) => 201 + i).filter((host) => host !== 222 && host !== 234);

/** The address of the nth client host on the LAN. The first is 1. */
export function clientAddress(n: number): string {
  return `172.17.111.${clientHosts[n - 1]}/24`;
}
