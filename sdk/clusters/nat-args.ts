import type * as pulumi from "@pulumi/pulumi";
import type { Scheduler, ServedPort } from "pulumi-lvs-provider/model";
import type { AdviceArgs } from "../arguments/advice-args";
import type { Host } from "../host/host";
import type { DrainArgs, PersistenceArgs } from "../kinds/virtual-service-args";
import type { DirectorsArgs, NatFailoverArgs } from "./director-args";
import type { Health } from "./health";
import type { OutgoingArgs } from "./parts-args";

/** A real server of a `NatCluster`. */
export interface NatClusterServerArgs {
  /** The host. Each real server has one of its own. */
  host: Host;
  /**
   * Its address (RIP), as the director reaches it.
   * @example "192.168.199.146"
   */
  address: pulumi.Input<string>;
  /**
   * The port that the real server serves on.
   * @default the service's own
   */
  port?: pulumi.Input<number>;
  /**
   * Its share relative to the other real servers, 0 to 65535. With 0 the real server keeps its connections and gets no
   * new ones.
   * @default 1
   */
  weight?: pulumi.Input<number>;
  /**
   * One arm and IPv6: its interface on the director's network. It must follow no redirects there.
   * @default the director's `interface`
   */
  device?: string;
  /**
   * What must exist before clients are sent to this server, and until no client is any more: its `WebSite`.
   * @default nothing
   */
  serving?: pulumi.Resource | pulumi.Resource[];
}

/** The arguments that all NAT clusters have, with one arm or two. */
export interface NatClusterCommonArgs extends DirectorsArgs<NatFailoverArgs> {
  /**
   * The virtual address (VIP) that clients connect to. One director must have the address already. Of several directors
   * one gets it, and none may have it for its own.
   * @example "172.17.111.117"
   */
  vip: pulumi.Input<string>;
  /**
   * The director's address on the real servers' network (DIP). The real servers' default route leads there. With several
   * directors it floats together with the VIP, and none may have it for its own.
   * @example "192.168.199.145"
   */
  gateway: pulumi.Input<string>;
  /**
   * The ports that clients connect to: TCP, or another protocol like `"53/udp"`. Each port is a virtual service, and
   * keeps clients by itself.
   * @default 80
   * @example [443, "443/udp"]
   */
  ports?: ServedPort | ServedPort[];
  /**
   * How the director chooses among the real servers.
   * @default "wrr"
   */
  scheduler?: pulumi.Input<Scheduler>;
  /**
   * The networks that clients come from. They must not contain a real server: its replies would bypass the director.
   * @default not checked
   * @example "172.17.111.0/24"
   */
  clients?: pulumi.Input<string> | pulumi.Input<string>[];
  /** The real servers, one at least. */
  realServers: NatClusterServerArgs[];
  /**
   * Lets the real servers open connections of their own through the director: with `true` from each server's address,
   * or from a network.
   * @default false
   */
  masquerade?: boolean | OutgoingArgs;
  /**
   * How connections end when a real server is taken away.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * Keeps a client on one real server; `{}` with the defaults.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * Who keeps the table. ldirectord and keepalived take out real servers that fail their checks. A change from one to
   * the other leaves the table as it is: no connection ends.
   * @default { by: "static" }
   * @example { by: "ldirectord", request: "ok.html", receive: "OK" }
   */
  health?: Health;
  /**
   * Which warnings about the site are not told.
   * @default all are told
   * @example { ignore: ["no-server"] }
   */
  advice?: AdviceArgs;
}

/** The director stands between clients and real servers, with an interface on either side. */
export interface TwoArmArgs {
  /**
   * How many interfaces carry the site's traffic.
   * @default "two"
   */
  arms?: "two";
}

/** The director reaches clients and real servers by one interface. */
export interface OneArmArgs {
  /** How many interfaces carry the site's traffic. */
  arms: "one";
  /**
   * That interface.
   * @example "eth0"
   */
  interface: string;
}

/** The arguments of a `NatCluster`. */
export type NatClusterArgs = NatClusterCommonArgs & (TwoArmArgs | OneArmArgs);
