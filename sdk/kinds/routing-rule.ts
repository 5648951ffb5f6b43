import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `RoutingRule`. Anything but `boot` that changes is a replacement. */
export interface RoutingRuleArgs extends HostResourceArgs {
  /**
   * Its place among the rules, 1 to 4294967295: lower ones are asked first. The table main's own rule has 32766.
   * @example 1000
   */
  priority: pulumi.Input<number>;
  /**
   * The address or network that packets come from.
   * @default any
   * @example "192.168.199.146"
   */
  from?: pulumi.Input<string>;
  /**
   * The address or network that packets are for.
   * @default any
   */
  to?: pulumi.Input<string>;
  /**
   * The packets' mark, 1 to 4294967295.
   * @default any, or none
   */
  mark?: pulumi.Input<number>;
  /**
   * The interface that packets come in by; `"lo"` for what the host itself sends.
   * @default any
   */
  inInterface?: pulumi.Input<string>;
  /**
   * The address family of the packets.
   * @default that of `from` and `to`; without them `"ipv4"`
   */
  family?: pulumi.Input<"ipv4" | "ipv6">;
  /**
   * The routing table that is asked, by name or number; a `Route` with the same `table` is in it. Where it has no route for a
   * packet, the next rule is asked.
   * @example "100"
   */
  table: pulumi.Input<string>;
  /**
   * Whether it holds after a reboot, a restarted network manager and a flapping link too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * A rule of policy routing (ip-rule(8)): which packets look their route up in which table. So a real server answers through its
 * director and keeps its own default route for everything else; one with an address for each of two directors answers through
 * the right one. A rule that cuts off the connection it is made over is taken back by the host itself. Deleting leaves an equal
 * rule that was found.
 *
 * @example
 * ```ts
 * const back = new Route("back", { host: rs1, to: "default", via: "192.168.199.145", table: "100" });
 * new RoutingRule("answers", { host: rs1, priority: 1000, from: "192.168.199.146", table: "100" }, { dependsOn: back });
 * ```
 */
@declares
export class RoutingRule extends HostResource {
  /** Its place among the rules: lower ones are asked first. */
  declare readonly priority: pulumi.Output<number>;
  /** The address or network that packets come from. An address alone has no prefix. */
  declare readonly from: pulumi.Output<string | undefined>;
  /** The address or network that packets are for. An address alone has no prefix. */
  declare readonly to: pulumi.Output<string | undefined>;
  /** The packets' mark. */
  declare readonly mark: pulumi.Output<number | undefined>;
  /** The interface that packets come in by. */
  declare readonly inInterface: pulumi.Output<string | undefined>;
  /** The address family of the packets. */
  declare readonly family: pulumi.Output<"ipv4" | "ipv6">;
  /** The routing table that is asked, by name or number. */
  declare readonly table: pulumi.Output<string>;
  /** Whether it was seen to hold after a reboot too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: RoutingRuleArgs, opts?: pulumi.CustomResourceOptions) {
    const { priority, from, to, mark, inInterface, family, table, boot } = args;
    super("RoutingRule", name, args, { priority, from, to, mark, inInterface, family, table, boot }, opts);
  }
}
