import type * as pulumi from "@pulumi/pulumi";
import type { Family, Forwarding, ServedPort } from "pulumi-lvs-provider/model";
import type { Host } from "../host/host";

/** The outgoing traffic of real servers that a director masquerades. */
export interface OutgoingArgs {
  /**
   * The network whose outgoing traffic gets the director's address.
   * @example "192.168.199.0/24"
   */
  source: pulumi.Input<string>;
  /**
   * Only traffic that leaves by this interface.
   * @default any interface
   */
  outInterface?: pulumi.Input<string>;
}

/** A virtual address that a director takes. */
export interface DirectorVipArgs {
  /**
   * The virtual address (VIP).
   * @example "172.17.111.111"
   */
  address: pulumi.Input<string>;
  /**
   * The interface on the clients' side.
   * @example "eth0"
   */
  device: string;
  /**
   * What must exist before the director takes the address and clients come: the real servers.
   * @default nothing
   */
  after?: pulumi.Resource[];
}

/** The arguments of a `Director`. */
export interface DirectorArgs {
  /** The host that becomes a director. */
  host: Host;
  /** How packets reach the real servers. With `"nat"` the director forwards packets. */
  forwarding: Forwarding;
  /**
   * NAT alone: the address family that the director forwards.
   * @default "ipv4"
   */
  family?: pulumi.Input<Family>;
  /**
   * One-arm NAT: the one interface by which the director reaches clients and real servers. The director must then send
   * no redirects: a redirect would tell a real server a route to its clients that bypasses the director
   * (Documentation/networking/ip-sysctl.rst, send_redirects: either of "all" and the interface switches them on). IPv6
   * has no such setting: there the real servers follow none (`RealServer`).
   * @default two arms: the director is the only way between them
   * @example "eth0"
   */
  oneArm?: string;
  /**
   * The virtual address, where the director takes it as an alias.
   * @default none
   */
  vip?: DirectorVipArgs;
  /**
   * Whether the director marks packets (`FirewallMark`). The director then gets nftables.
   * @default false
   */
  marks?: boolean;
  /**
   * Lets real servers open connections of their own through the director.
   * @default none
   */
  masquerade?: OutgoingArgs[];
}

/** The arguments of `ArpSettings`. */
export interface ArpSettingsArgs {
  /** A real server that has the virtual address (VIP) on its loopback interface. */
  host: Host;
  /**
   * The interface on the clients' side.
   * @example "eth0"
   */
  device: string;
  /**
   * Whether a packet must come by the interface that its answer would leave by: 0 no, 1 yes, 2 by any interface
   * (Documentation/networking/ip-sysctl.rst, rp_filter). With 1 the kernel drops what a director forwards, where the
   * route to the clients leads to another interface.
   * @default as it is
   */
  rpFilter?: 0 | 1 | 2;
  /**
   * The interfaces whose ARP settings are declared. "all" alone makes the host silent: for each interface the kernel
   * takes the higher of its own value and that of "all".
   * @default "all", "lo" and `device`
   * @example ["all", "lo"]
   */
  arpOn?: string[];
}

/** A real server behind NAT. Its replies must leave through the director, which puts the VIP back into them. */
export interface NatRealServerArgs {
  /** The host that becomes a real server. */
  host: Host;
  /**
   * Its address (RIP), as the director reaches it.
   * @example "192.168.199.146"
   */
  address: pulumi.Input<string>;
  /** How packets reach it. */
  forwarding: "nat";
  /**
   * The director's address on the real servers' network (DIP). The real server's default route leads there.
   * @example "192.168.199.145"
   */
  gateway: pulumi.Input<string>;
  /**
   * One-arm NAT by IPv6: the interface on the network of the director. The real server then follows no redirects. A
   * director that forwards by one interface sends them, and IPv6 has no setting against that: they would lead replies
   * past the director.
   * @default it follows redirects, as it is
   * @example "eth0"
   */
  oneArm?: string;
  /**
   * The ports that the host serves on, like 443 or `"443/udp"`: `up` warns of a firewall that drops them.
   * @default not known
   */
  ports?: pulumi.Input<ServedPort>[];
}

/** A real server that answers its clients itself. The real server has the VIP, too, and keeps silent about it. */
export interface DrRealServerArgs {
  /** The host that becomes a real server. */
  host: Host;
  /**
   * Its address (RIP), as the director reaches it.
   * @example "172.17.111.234"
   */
  address: pulumi.Input<string>;
  /** How packets reach it. */
  forwarding: "dr";
  /**
   * The virtual address (VIP). The real server has it on the loopback interface, or with tunnels on `tunl0`.
   * @example "172.17.111.111"
   */
  vip: pulumi.Input<string>;
  /**
   * The interface on the network that it shares with the director.
   * @example "eth0"
   */
  device: string;
  /**
   * Whether a packet must come by the interface that its answer would leave by: see {@link ArpSettingsArgs.rpFilter}.
   * @default as it is
   */
  rpFilter?: 0 | 1 | 2;
  /**
   * The interfaces whose ARP settings are declared: see {@link ArpSettingsArgs.arpOn}.
   * @default "all", "lo" and `device`
   */
  arpOn?: string[];
  /**
   * The ports that the host serves on, like 443 or `"443/udp"`: `up` warns of a firewall that drops them.
   * @default not known
   */
  ports?: pulumi.Input<ServedPort>[];
}

/**
 * A real server that gets packets wrapped in IP in IP, and answers its clients itself. The real server may be on
 * another network than the director. On the director's network the real server keeps silent about the VIP, as with
 * direct routing.
 */
export interface TunRealServerArgs extends Omit<DrRealServerArgs, "forwarding"> {
  /** How packets reach it. */
  forwarding: "tun";
}

/** The arguments of a `RealServer`, by the way that packets reach it. */
export type RealServerArgs = NatRealServerArgs | DrRealServerArgs | TunRealServerArgs;
