/** One network of the lab: a bridge in its namespace, whose own address is the guests' first gateway. */
export interface Network {
  /** The bridge's name inside the namespace. */
  readonly bridge: string;
  /** The bridge's own address, with its prefix. */
  readonly address: string;
}

/** The tutorial's networks. They live in a namespace of their own, so they clash with nothing on the machine. */
export const networks: Record<"lan" | "hostonly", Network> = {
  lan: { bridge: "lan", address: "172.17.111.1/24" },
  hostonly: { bridge: "hostonly", address: "192.168.199.1/24" },
};

/** Where the guests' packages are served, on every bridge's own address. */
export const packagesPort = 8642;

/**
 * Where our connections to a routed guest come from: an address on none of its networks, so its replies follow its default
 * route, and a wrong default route cuts us off as it would an administrator in another building.
 */
export const routedSource = "10.111.0.1";

/** A guest that the tools know before Pulumi made it: for its host key, ssh_config and routed management. */
export interface Guest {
  readonly name: string;
  /** The address of its first interface, where it is managed. */
  readonly address: string;
  readonly bridge: string;
  /** Managed over its default route instead of as a neighbour. */
  readonly routed?: boolean;
}

/** The tutorial's hosts: experiment 1 has the real servers on the host-only network, all others have them on the LAN, and the shop's database there. */
export function defaultGuests(stack: string): Guest[] {
  const director = { name: "director", address: "172.17.111.117", bridge: "lan" };
  if (stack === "nat" || stack.startsWith("nat-"))
    return [
      director,
      { name: "rs1", address: "192.168.199.146", bridge: "hostonly" },
      { name: "rs2", address: "192.168.199.143", bridge: "hostonly" },
    ];
  return [
    director,
    { name: "rs1", address: "172.17.111.234", bridge: "lan" },
    { name: "rs2", address: "172.17.111.222", bridge: "lan" },
    { name: "db", address: "172.17.111.200", bridge: "lan" },
  ];
}

/**
 * More addresses of the lab's own on the LAN: sent from, each is one more client to IPVS. They are secondary (of a subnet that
 * the bridge is on already), so nothing leaves from them unless it asks for it.
 */
export const sources = ["172.17.111.11", "172.17.111.12", "172.17.111.13", "172.17.111.14"];

/** How many client hosts the LAN has addresses for. */
export const mostClients = 50;

/** 201 to 254, without the tutorial's real servers of one LAN. */
const clientHosts = Array.from({ length: 54 }, (_, i) => 201 + i).filter((host) => host !== 222 && host !== 234);

/** The nth client host's address on the LAN, from 1. */
export function clientAddress(n: number): string {
  return `172.17.111.${clientHosts[n - 1]}/24`;
}
