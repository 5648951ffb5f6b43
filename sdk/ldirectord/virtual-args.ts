import type * as pulumi from "@pulumi/pulumi";
import type { Forwarding, Scheduler } from "pulumi-lvs-provider/model";
import type { PersistenceArgs, Tunnel } from "../kinds/virtual-service-args";
import type { LdirectordCheckArgs } from "./check-args";
import type { LdirectordCommonArgs } from "./global-args";

/** A real server of an ldirectord virtual service. */
export interface LdirectordRealArgs {
  /** How packets reach it. */
  forwarding: pulumi.Input<Forwarding>;
  /**
   * Its share relative to the other real servers, 0 to 65535.
   * @default 1
   */
  weight?: pulumi.Input<number>;
  /**
   * From this many connections on the real server gets no new ones (ipvsadm(8), `--u-threshold`).
   * @default 0: no bound
   */
  upperThreshold?: pulumi.Input<number>;
  /**
   * Below this many connections the real server gets new ones again (ipvsadm(8), `--l-threshold`).
   * @default 0: three quarters of `upperThreshold`
   */
  lowerThreshold?: pulumi.Input<number>;
  /**
   * How packets are wrapped, with forwarding "tun". ldirectord has only IP in IP.
   * @default { type: "ipip" }
   */
  tunnel?: pulumi.Input<Tunnel>;
  /**
   * What a check asks this real server for.
   * @default `request` of the virtual service
   */
  request?: pulumi.Input<string>;
  /**
   * A regular expression that the answer of this real server must match.
   * @default `receive` of the virtual service
   */
  receive?: pulumi.Input<string>;
}

/** A virtual service that ldirectord keeps. */
export interface LdirectordVirtualArgs extends LdirectordCommonArgs, LdirectordCheckArgs {
  /**
   * The real servers, by address and port. With a mark, port 0 keeps the port that the client asked for.
   * @example { "172.17.111.234:80": { forwarding: "dr", weight: 2 } }
   */
  real: Record<string, LdirectordRealArgs>;
  /**
   * How the director chooses among the real servers.
   * @default "wrr"
   */
  scheduler?: pulumi.Input<Scheduler>;
  /**
   * Flags of the scheduler (ipvsadm(8), `--sched-flags`).
   * @default none
   * @example ["sh-port"]
   */
  schedulerFlags?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Keeps a client on one real server; `{}` with the defaults. `engine` is not possible, because ldirectord has none.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * Schedules every packet by itself: UDP only.
   * @default false
   */
  onePacket?: pulumi.Input<boolean>;
  /**
   * A file to which every check is logged. The file's folder must exist.
   * @default checks are not logged by themselves
   * @example "/var/log/ldirectord-shop.log"
   */
  monitorFile?: pulumi.Input<string>;
  /**
   * The service's name in ldirectord's mail.
   * @default none
   */
  serviceName?: pulumi.Input<string>;
  /**
   * A remark in ldirectord's mail: what the service is for, or whom to call.
   * @default none
   */
  comment?: pulumi.Input<string>;
}
