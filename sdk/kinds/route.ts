import type * as pulumi from "@pulumi/pulumi";
import type { AdviceHints } from "../arguments/advice-args";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `Route`. Give `via` or `device`, or both. */
export interface RouteArgs extends HostResourceArgs {
  /**
   * The destination: `"default"`, a network or an address. Another destination, metric or table is a replacement.
   * @example "10.0.0.0/8"
   */
  to: pulumi.Input<string>;
  /**
   * The next hop's address.
   * @default none: the destination is on the interface's own network
   * @example "192.168.199.145"
   */
  via?: pulumi.Input<string>;
  /**
   * The interface.
   * @default the one that reaches `via`
   * @example "eth1"
   */
  device?: pulumi.Input<string>;
  /**
   * The address that the host itself sends from on this route (ip-route(8), `src`).
   * @default the kernel chooses
   */
  source?: pulumi.Input<string>;
  /**
   * The metric. Of several routes to one destination, the kernel takes the one with the lowest metric.
   * @default 0
   */
  metric?: pulumi.Input<number>;
  /**
   * The routing table, by name or number.
   * @default "main"
   */
  table?: pulumi.Input<string>;
  /**
   * Whether the route is there after a reboot, after a restart of the network manager, and after the link was down,
   * too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
  /**
   * What `up` has to know for its advice. Clusters say it themselves.
   * @default nothing
   */
  advice?: AdviceHints;
}

/**
 * A route (ip-route(8)). The host itself takes a route back that cuts off the provider's connection. Deleting the
 * resource puts back the route that was found.
 *
 * @example
 * ```ts
 * new Route("gateway", { host: rs1, to: "default", via: "192.168.199.145" });
 * ```
 */
@declares
export class Route extends HostResource {
  /** The destination. A single address has no prefix. */
  declare readonly to: pulumi.Output<string>;
  /** The next hop that was seen. After a refresh `""` where a next hop was declared and there is none. */
  declare readonly via: pulumi.Output<string | undefined>;
  /** The interface that was seen, where one was declared. After a refresh `""` where the route is gone. */
  declare readonly device: pulumi.Output<string | undefined>;
  /** The address that the host itself sends from, as seen, where one was declared. */
  declare readonly source: pulumi.Output<string | undefined>;
  /** The metric. Of several routes to one destination, the kernel takes the one with the lowest metric. */
  declare readonly metric: pulumi.Output<number>;
  /** The routing table, by name or number. */
  declare readonly table: pulumi.Output<string>;
  /** Whether the route was seen to be there after a reboot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: RouteArgs, opts?: pulumi.CustomResourceOptions) {
    const { to, via, device, source, metric, table, boot, advice } = args;
    const inputs = { to, via, device, source, metric, table, boot, ...(advice && { advice }) };
    super("Route", name, args, inputs, opts);
  }
}
