import type * as pulumi from "@pulumi/pulumi";
import { destinationValues, type Forwarding, judge, type Protocol, type Scheduler } from "pulumi-lvs-provider/model";
import { warn } from "../advice/advise";
import { schedulingRules } from "../advice/scheduling-rules";
import { declares } from "../arguments/declares";
import { HostResource } from "../host/resource";
import { schedulingOf } from "./scheduling-facts";
import type { Destination, DrainArgs, PersistenceArgs, VirtualServiceArgs } from "./virtual-service-args";

/**
 * A virtual service on a director, with all its destinations (ipvsadm(8)). Only what differs is changed: open
 * connections are kept, and a destination that is taken away is drained first.
 *
 * @example
 * ```ts
 * new VirtualService("web", {
 *   host: director,
 *   address: "172.17.111.117",
 *   port: 80,
 *   scheduler: "wrr",
 *   forwarding: "nat",
 *   destinations: { "192.168.199.146:80": { weight: 2 }, "192.168.199.143:80": { weight: 1 } },
 * });
 * ```
 */
@declares
export class VirtualService extends HostResource {
  /** The virtual address (VIP) that clients connect to, as the kernel prints it; undefined with a mark. */
  declare readonly address: pulumi.Output<string | undefined>;
  /** The port that clients connect to; undefined with a mark. */
  declare readonly port: pulumi.Output<number | undefined>;
  /** The transport protocol; undefined with a mark. */
  declare readonly protocol: pulumi.Output<Protocol | undefined>;
  /** The mark that the service matches; undefined where the service matches an address and a port. */
  declare readonly mark: pulumi.Output<number | undefined>;
  /** The address family of the marked packets; undefined without a mark. */
  declare readonly family: pulumi.Output<"ipv4" | "ipv6" | undefined>;
  /** How the director was seen to choose among the destinations. After a refresh `""` where there is no such service. */
  declare readonly scheduler: pulumi.Output<Scheduler>;
  /** The flags of the scheduler that were seen, in order of their names. */
  declare readonly schedulerFlags: pulumi.Output<string[]>;
  /** How a client was seen to be kept on one real server; undefined where every connection is scheduled by itself. */
  declare readonly persistence: pulumi.Output<pulumi.Unwrap<PersistenceArgs> | undefined>;
  /** Whether every packet was seen to be scheduled by itself. */
  declare readonly onePacket: pulumi.Output<boolean>;
  /** How packets reach the real servers. */
  declare readonly forwarding: pulumi.Output<Forwarding>;
  /**
   * The destinations that were seen, by `address:port`. A destination that a {@link Rollout} has taken out of service
   * counts with the weight that it gets back.
   */
  declare readonly destinations: pulumi.Output<Record<string, Destination>>;
  /** How connections end when a destination is taken away, with the defaults. */
  declare readonly drain: pulumi.Output<Required<pulumi.Unwrap<DrainArgs>>>;
  /** Whether the service was seen to be there after a reboot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: VirtualServiceArgs, opts?: pulumi.CustomResourceOptions) {
    const { address, port, protocol, mark, family } = args;
    const { scheduler, schedulerFlags, persistence, onePacket } = args;
    const { forwarding, destinations, drain, boot, advice } = args;
    const match = { address, port, protocol, mark, family };
    const scheduling = { scheduler, schedulerFlags, persistence, onePacket };
    const how = { forwarding, destinations, drain, boot, ...(advice && { advice }) };
    super("VirtualService", name, args, { ...match, ...scheduling, ...how }, opts);
    this.destinations = this.destinations.apply((seen) => (seen && destinationValues(seen)) as typeof seen);
    warn(this, `VirtualService "${name}"`, judge(schedulingRules, schedulingOf(args)), args.host.args.advice);
  }
}
