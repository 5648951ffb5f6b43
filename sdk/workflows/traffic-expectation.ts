import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host";

/** Who must answer ARP for a VIP: exactly the director. */
export interface ArpExpectation {
  /**
   * The VIP.
   * @example "172.17.111.111"
   */
  address: pulumi.Input<string>;
  /**
   * The interface of the sender (`from`, or where Pulumi runs) that is on the VIP's network. Routers pass no ARP on.
   * @example "eth0"
   */
  device: pulumi.Input<string>;
  /** The director. It is asked for its hardware address. */
  director: Host;
  /**
   * The director's interface on that network.
   * @default the same name as `device`
   */
  directorDevice?: pulumi.Input<string>;
}

/** What a `TrafficCheck` must see. */
export interface TrafficExpectation {
  /**
   * The servers and their weights: every one with a weight above 0 answers, and nobody else. A weight of 0 excludes a server:
   * it must get nothing. Over all URLs and sources.
   * @default which servers answer is not judged
   * @example { rs1: 1, rs2: 1 }
   * @example { rs1: 1, rs2: 0 }
   */
  servers?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /**
   * How far each server's share of the answers may be from its weight's share.
   * @default shares are not judged
   * @example 0.1
   */
  tolerance?: pulumi.Input<number>;
  /**
   * How many requests may fail, over all URLs and sources.
   * @default 0
   */
  failures?: pulumi.Input<number>;
  /**
   * Every client (one of `sources`) is answered by one server alone, over all URLs.
   * @default not judged
   */
  persistence?: pulumi.Input<boolean>;
  /**
   * At least so many different servers answer, over all URLs and sources. With persistence a client that once got its server
   * keeps it in every round until its template expires (ipvsadm(8), `-p`): give more sources than servers.
   * @default not judged
   * @example 2
   */
  spread?: pulumi.Input<number>;
  /**
   * Exactly the director answers ARP for the VIP: with direct routing the real servers have it too, and must be silent. It is
   * asked once, by three broadcasts, after the requests were as expected. Needs `arping` of iputils where it is asked from
   * (package iputils-arping on Debian and Ubuntu, iputils where packages come by dnf), and root there or CAP_NET_RAW; the
   * update fails where another hardware address than the director's answers, and names it.
   * @default not asked
   */
  arp?: ArpExpectation;
}
