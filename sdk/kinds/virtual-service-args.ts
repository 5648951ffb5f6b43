import type * as pulumi from "@pulumi/pulumi";
import type { Forwarding, Protocol, Scheduler } from "pulumi-lvs-provider/model";
import type { AdviceHints } from "../arguments/advice-args";
import type { HostResourceArgs } from "../host/resource";

/** One destination of a virtual service: what the director knows about a real server. */
export interface DestinationArgs {
  /**
   * Its share relative to the other destinations, 0 to 65535. With 0 the destination keeps its connections and gets no
   * new ones.
   * @default 1
   */
  weight?: pulumi.Input<number>;
  /**
   * From this many connections on the destination gets no new ones (ipvsadm(8), `--u-threshold`).
   * @default 0: no bound
   */
  upperThreshold?: pulumi.Input<number>;
  /**
   * Below this many connections the destination gets new ones again (ipvsadm(8), `--l-threshold`).
   * @default 0: three quarters of `upperThreshold`
   */
  lowerThreshold?: pulumi.Input<number>;
  /**
   * How packets are wrapped, with forwarding "tun".
   * @default IP in IP
   */
  tunnel?: pulumi.Input<Tunnel>;
}

/** A tunnel to a real server (ipvsadm(8), `--tun-type`): IP in IP, GUE, or GRE. */
export type Tunnel =
  | {
      /** IP in IP (RFC 2003): 20 bytes before each packet. */
      type: "ipip";
    }
  | {
      /** Generic UDP Encapsulation: packets travel in UDP. */
      type: "gue";
      /** The port on which the real server receives GUE. */
      port: number;
      /**
       * The checksums of the outer packet: none, over the whole packet (`--tun-csum`), or left to the receiver
       * (`--tun-remcsum`).
       * @default "none"
       */
      checksum?: "none" | "full" | "remote";
    }
  | {
      /** Generic Routing Encapsulation (RFC 2784). */
      type: "gre";
      /**
       * The checksums of the outer packet: none, or over the whole packet (`--tun-csum`).
       * @default "none"
       */
      checksum?: "none" | "full";
    };

/** Persistence: all connections of one client go to one real server. */
export interface PersistenceArgs {
  /**
   * Seconds after a client's last connection until it may get another server: 1 to 2678400 (31 days).
   * @default 300
   */
  timeout?: pulumi.Input<number>;
  /**
   * Clients that share this part of their address count as one: a netmask, or a prefix length for IPv6 (ipvsadm(8),
   * `--netmask`).
   * @default every client by itself
   * @example "255.255.255.0"
   */
  mask?: pulumi.Input<string>;
  /**
   * What identifies a client besides its address. `"sip"`: the Call-ID of SIP over UDP (ipvsadm(8), `--pe`).
   * @default its address alone
   */
  engine?: pulumi.Input<"sip">;
}

/** How connections end when a destination is taken away. */
export interface DrainArgs {
  /**
   * Seconds to wait for the destination's connections to end, up to a day.
   * @default 300
   */
  timeout?: pulumi.Input<number>;
  /**
   * What happens to a destination that still has connections then. `"fail"`: its weight is put back and the update
   * fails. `"cut"`: the connections are cut.
   * @default "fail"
   */
  onTimeout?: pulumi.Input<"fail" | "cut">;
}

/** A match by an address, a port and a protocol. Another match is a replacement. */
export interface PortMatchArgs {
  /**
   * The virtual address (VIP) that clients connect to.
   * @example "172.17.111.117"
   */
  address: pulumi.Input<string>;
  /** The port that clients connect to. 0 means every port that no other service catches, and needs persistence. */
  port: pulumi.Input<number>;
  /**
   * The transport protocol.
   * @default "tcp"
   */
  protocol?: pulumi.Input<Protocol>;
  /** Not with an address: a service matches either an address or a mark. */
  mark?: undefined;
  /** Not with an address, which says the family itself. */
  family?: undefined;
}

/** A match by a mark (`FirewallMark`). Another match is a replacement. */
export interface MarkMatchArgs {
  /**
   * The mark: 1 to 4294967295.
   * @example 99
   */
  mark: pulumi.Input<number>;
  /**
   * The address family of the marked packets.
   * @default "ipv4"
   */
  family?: pulumi.Input<"ipv4" | "ipv6">;
  /** Not with a mark: a {@link FirewallMark} says which packets have it. */
  address?: undefined;
  /** Not with a mark: a {@link FirewallMark} says which packets have it. */
  port?: undefined;
  /** Not with a mark: a {@link FirewallMark} says which packets have it. */
  protocol?: undefined;
}

/** What all virtual services have, whatever they catch. */
export interface VirtualServiceCommonArgs extends HostResourceArgs {
  /**
   * How the director chooses among the destinations.
   * @default "wlc"
   */
  scheduler?: pulumi.Input<Scheduler>;
  /**
   * Flags of the scheduler (ipvsadm(8), `--sched-flags`). `sh` and `mh` get their fallback flag anyway: without it, the
   * clients of a destination of weight 0 would be refused.
   * @default none
   * @example ["sh-port", "sh-fallback"]
   */
  schedulerFlags?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Keeps a client on one real server; `{}` with the defaults.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * Schedules every packet by itself (ipvsadm(8), `--ops`). For UDP, and for marks.
   * @default false
   */
  onePacket?: pulumi.Input<boolean>;
  /** How packets reach the real servers. */
  forwarding: pulumi.Input<Forwarding>;
  /**
   * The real servers: `address:port` → what the director knows about the real server. An IPv6 address stands in
   * brackets: `[2001:db8::1]:80`. Without a port, the destination has the service's own port. A service with a mark
   * leaves ports as they are. All destinations of the service belong to this resource: a destination that somebody else
   * put there is drained.
   * @example { "192.168.199.146:80": { weight: 1 }, "192.168.199.143:80": { weight: 1 } }
   */
  destinations: pulumi.Input<Record<string, pulumi.Input<DestinationArgs>>>;
  /**
   * How connections end when a destination is taken away.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * Whether the service is there after a reboot, too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
  /**
   * What `up` has to know for its advice. Clusters say it themselves.
   * @default nothing
   */
  advice?: AdviceHints;
}

/** The arguments of a `VirtualService`. */
export type VirtualServiceArgs = VirtualServiceCommonArgs & (PortMatchArgs | MarkMatchArgs);

/** A destination as it was seen on the director. */
export interface Destination {
  /** Its share relative to the other destinations; 0 where the destination gets no new connections. */
  weight: number;
  /** From this many connections on the destination gets no new ones; 0: no bound. */
  upperThreshold: number;
  /** Below this many connections the destination gets new ones again; 0: three quarters of `upperThreshold`. */
  lowerThreshold: number;
  /**
   * How packets are wrapped, with forwarding "tun".
   * @default IP in IP
   */
  tunnel?: Tunnel;
}
