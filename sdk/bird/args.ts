import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host";

/** A router that is told of the addresses. */
export interface BgpNeighbourArgs {
  /**
   * The router's address. The session and the announced addresses are of one family.
   * @example "10.0.0.1"
   */
  address: pulumi.Input<string>;
  /**
   * The number of the router's autonomous system, another one than the host's own.
   * @example 64512
   */
  asn: number;
  /**
   * A secret that both sides sign their packets with (RFC 2385), 80 bytes at most.
   * @default none
   */
  password?: pulumi.Input<string>;
  /**
   * Whether both sides find out by BFD that the other one is lost: in 0.6 s, three times 200 ms. Otherwise a lost host
   * stays a way for as long as the router holds its session, 90 s at least with most.
   * @default true
   */
  bfd?: boolean;
}

/** The arguments of a `Bird`. */
export interface BirdArgs {
  /** The host. It may have several announcements: they share one daemon, and one session with each router. */
  host: Host;
  /**
   * The announcement's name in BIRD's configuration: letters, digits and _.
   * @default the resource's name, with _ for every other sign
   */
  announcement?: string;
  /**
   * The number of the host's own autonomous system. 64512 to 65534 are for private use (RFC 6996).
   * @example 64513
   */
  asn: number;
  /**
   * The addresses that the routers learn: /32, with IPv6 /128. One address family. The host has them as well:
   * `new VipAlias(name, { host, address, device: "lo" })`.
   * @example ["172.17.111.111"]
   */
  addresses: pulumi.Input<string>[];
  /** The routers. */
  neighbours: BgpNeighbourArgs[];
  /**
   * The number by which routers tell BIRD from others, written as an IPv4 address (bird.conf: `router id`). All
   * announcements of a host have one.
   * @default BIRD takes one of the host's IPv4 addresses: a host that has none needs one here
   */
  routerId?: string;
  /**
   * The virtual services without which the host is no way to the addresses, by match, as in `KeepalivedChecks`' `virtuals`.
   * While one of them has no real server for clients, the host withdraws the addresses: within a second, and until all of
   * them have had one for three seconds. Servers in maintenance do not count.
   * @default the addresses are announced whatever the table has
   * @example ["172.17.111.111:80"]
   */
  services?: pulumi.Input<string>[];
  /**
   * Whether bird.conf is written. `false` is for a host whose BIRD has other work as well: its own bird.conf stays, and
   * needs the lines `include "/etc/bird/lvs.d/*.conf";` and, for BFD, `protocol bfd { }`.
   * @default true: and refused where somebody has changed bird.conf
   */
  main?: boolean;
  /**
   * Whether BIRD is installed. Otherwise it must be there already.
   * @default true
   */
  install?: boolean;
  /**
   * What must exist before the addresses are announced and clients come. The package does not wait for it.
   * @default nothing
   */
  after?: pulumi.Resource[];
}
