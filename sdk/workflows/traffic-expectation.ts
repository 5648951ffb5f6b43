import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host";
import type { Failover } from "./failover";

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
  /** The director, which the check asks for its hardware address. */
  director: Host;
  /**
   * The director's interface on that network.
   * @default the same name as `device`
   */
  directorDevice?: pulumi.Input<string>;
}

/** A director is taken away while requests go on, and comes back. */
export interface FailoverExpectation {
  /**
   * What floats, and between which directors: a cluster's `failover`. A cluster with one director has none, and the
   * check is refused.
   * @example cluster.failover
   */
  of: Failover | undefined;
  /**
   * How the director that has the addresses goes. `"hand-over"`: as by `pulumi-lvs drain`, so that nothing should be lost.
   * `"stop"`: its keepalived is stopped, with all that floats on that director.
   * @default "hand-over"
   */
  by?: pulumi.Input<"hand-over" | "stop">;
  /**
   * How many of the requests may fail meanwhile. The other director may not have heard yet of the one that is under way when
   * the director goes.
   * @default 1
   */
  failures?: pulumi.Input<number>;
  /**
   * Seconds for which a sender may go without an answer, 0 to 300. A client's own TCP repeats a lost SYN after a second.
   * @default 3
   */
  gap?: pulumi.Input<number>;
  /**
   * What happens where no other director comes to know all open connections within the check's `within`: fail, and change
   * nothing, or go on, so that the unknown ones end. A client that is gone without a word leaves one for 15 minutes, for
   * example when a director was lost before.
   * @default "fail"
   */
  onTimeout?: pulumi.Input<"fail" | "cut">;
}

/** What clients noticed while a director was away. */
export interface FailoverSeen {
  /** The director that was taken away. */
  from: string;
  /** The director that took over. */
  to: string;
  /** How many requests were sent meanwhile. */
  requests: number;
  /** How many of them failed. */
  failed: number;
  /** Seconds for which a sender went without an answer, at most. */
  gap: number;
}

/** What a `TrafficCheck` must find. */
export interface TrafficExpectation {
  /**
   * The servers and their weights, over all URLs and sources. Every server with a weight above 0 must answer, and no
   * other server. A server with weight 0 must get nothing.
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
   * Whether each client (one of `sources`) must be answered by one server alone, over all URLs.
   * @default not judged
   */
  persistence?: pulumi.Input<boolean>;
  /**
   * How many different servers must answer at least, over all URLs and sources. With persistence a client keeps its
   * server in every round until its template expires (ipvsadm(8), `-p`): give more sources than servers.
   * @default not judged
   * @example 2
   */
  spread?: pulumi.Input<number>;
  /**
   * Whether the director alone must answer ARP for the VIP. With direct routing the real servers have the VIP, too, and
   * must be silent. The check asks once, by three broadcasts, after the requests were as expected. The sender needs
   * `arping` of iputils (package iputils-arping on Debian and Ubuntu, iputils where packages come by dnf), and root or
   * CAP_NET_RAW. The update fails where another hardware address than the director's answers, and names that address.
   * @default not asked
   */
  arp?: ArpExpectation;
  /**
   * What clients may notice when the director that has the VIP is taken away. It is done once, after the requests were as
   * expected: rounds of requests go on until another director has the VIP and the first one is fit again. The director
   * that has taken over keeps the VIP. Nothing is changed where no other director is fit or knows the open connections:
   * the update fails, and says why. Requests are new connections; open ones are not judged.
   * @default no director is taken away
   * @example { of: cluster.failover, gap: 1.5 }
   */
  failover?: FailoverExpectation;
}
