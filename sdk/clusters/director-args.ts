import type * as pulumi from "@pulumi/pulumi";
import type { BgpNeighbourArgs } from "../bird/args";
import type { Host } from "../host/host";

/** Who directs: one host, or several that stand in for one another. */
export interface DirectorsArgs<Failover extends VrrpFailoverArgs | EcmpFailoverArgs> {
  /**
   * The director's host, where there is one.
   * @default `directors` says which there are
   */
  director?: Host;
  /**
   * The hosts of the directors, in the place of `director`. All have the table, the marks and what belongs to them; the
   * VIP is on one at a time, or with `failover: { by: "ecmp" }` on all.
   * @default the one `director`
   */
  directors?: Host[];
  /**
   * How the directors stand in for each other. Needed with several, and refused with one.
   * @default one director, for which nobody stands in
   * @example { by: "vrrp", addresses: ["172.17.111.2", "172.17.111.3"] }
   */
  failover?: Failover;
}

/** keepalived lets the addresses float between the directors, by VRRP. */
export interface VrrpFailoverArgs {
  /** VRRP of keepalived, from the distribution. */
  by: "vrrp";
  /**
   * The own address of each director, in the order of `directors`, by which they hear each other: with direct routing
   * and tunnels on `device`, with NAT on the real servers' network. They are of the VIP's family.
   * @example ["172.17.111.2", "172.17.111.3"]
   */
  addresses: pulumi.Input<string>[];
  /**
   * The number of the virtual router, 1 to 255. Each pair of directors on one network has another one, and so has each
   * cluster of one pair.
   * @default 51
   */
  routerId?: number;
  /**
   * Seconds between two adverts, 0.01 to 40.95. A director that is lost is replaced after three to four of them. Below
   * 0.25 a busy host may miss three in a row, and two directors have the VIP for a moment.
   * @default 0.25
   */
  advertInterval?: number;
  /**
   * The director that has the VIP whenever it is fit. It takes the VIP back, `preferredDelay` seconds after it has become
   * fit or preferred, and knows the connections by then.
   * @default none: whoever has the VIP keeps it
   */
  preferred?: Host;
  /**
   * Seconds for which the preferred director waits before it takes the VIP back, 0 to 1000.
   * @default 30
   */
  preferredDelay?: number;
  /**
   * What a director must reach to be fit: of each list one address at least must answer ping. A director that is cut off
   * then gives the VIP up, although its own link is up. A director's own addresses do not count for it. `[]`: nothing.
   * @default one list: the other directors, and the first four real servers
   * @example [["172.17.111.3", "172.17.111.234"], ["172.17.111.1"]]
   */
  reach?: pulumi.Input<string>[][];
  /**
   * Whether the directors tell one another of their connections (`ConnectionSync`), so that these go on when another
   * director takes over. A kernel has one sync for all of its connections: of several clusters on one pair of directors
   * one declares it, and the others say `false`. Where none does, connections are lost.
   * @default true
   */
  sync?: boolean;
  /**
   * The number by which directors know whose connections they are told of, 1 to 255. Each pair of directors on one network has another
   * one: with one number for both, each keeps the other's connections and persistence as well.
   * @default 1
   */
  syncId?: number;
  /**
   * Whether keepalived.conf is written: see {@link KeepalivedArgs.main}.
   * @default true
   */
  main?: boolean;
}

/** All directors serve at the same time: BIRD announces the VIP from each, and the routers spread clients over them. */
export interface EcmpFailoverArgs {
  /** BGP of BIRD, from the distribution, and the routers' equal-cost multipath. */
  by: "ecmp";
  /**
   * The number of the directors' autonomous system, one for all. 64512 to 65534 are for private use (RFC 6996).
   * @example 64513
   */
  asn: number;
  /**
   * The routers that spread clients. They are of the VIP's family.
   * @example [{ address: "10.0.0.1", asn: 64512, password: config.requireSecret("bgp") }]
   */
  neighbours: BgpNeighbourArgs[];
  /**
   * For each director, in the order of `directors`, the number by which routers tell it from others.
   * @default BIRD takes one of the host's IPv4 addresses: a host that has none needs one here
   * @example ["10.0.0.2", "10.0.0.3", "10.0.0.4"]
   */
  routerIds?: string[];
  /**
   * Whether bird.conf is written: see {@link BirdArgs.main}.
   * @default true
   */
  main?: boolean;
}

/** With NAT the VIP is on the clients' side, and the gateway of the real servers on theirs. Both float together. */
export interface NatFailoverArgs extends VrrpFailoverArgs {
  /**
   * Two arms: the directors' interface on the clients' side, which gets the VIP.
   * @default "eth0"
   */
  outside?: string;
  /**
   * Two arms: the directors' interface on the real servers' side, which gets the gateway.
   * @default "eth1"
   */
  inside?: string;
}
