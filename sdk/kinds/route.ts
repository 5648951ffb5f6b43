import type * as pulumi from "@pulumi/pulumi";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `Route`. At least one of `via` and `device`. */
export interface RouteArgs extends HostResourceArgs {
  /**
   * Where it leads: `"default"`, a network or an address. Another destination, metric or table is a replacement.
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
   * Of several routes to one destination the one with the lowest metric is taken.
   * @default 0
   */
  metric?: pulumi.Input<number>;
  /**
   * The routing table, by name or number.
   * @default "main"
   */
  table?: pulumi.Input<string>;
  /**
   * Whether it holds after a reboot, a restarted network manager and a flapping link too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * A route (ip-route(8)). One that cuts off the connection it is made over is taken back by the host itself. Deleting puts
 * back the route that was found.
 *
 * @example
 * ```ts
 * new Route("gateway", { host: rs1, to: "default", via: "192.168.199.145" });
 * ```
 */
export class Route extends HostResource {
  /** Where it leads. An address alone has no prefix. */
  declare readonly to: pulumi.Output<string>;
  /** The next hop that was seen. After a refresh `""` where there is none and one was declared. */
  declare readonly via: pulumi.Output<string | undefined>;
  /** The interface that was seen, where one was declared. After a refresh `""` where the route is gone. */
  declare readonly device: pulumi.Output<string | undefined>;
  /** The address that was seen for what the host itself sends, where one was declared. */
  declare readonly source: pulumi.Output<string | undefined>;
  /** The metric: of several routes to one destination the one with the lowest is taken. */
  declare readonly metric: pulumi.Output<number>;
  /** The routing table, by name or number. */
  declare readonly table: pulumi.Output<string>;
  /** Whether it was seen to hold after a reboot too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: RouteArgs, opts?: pulumi.CustomResourceOptions) {
    const { host, to, via, device, source, metric, table, boot } = args;
    super("Route", name, host, { to, via, device, source, metric, table, boot }, opts);
  }
}
