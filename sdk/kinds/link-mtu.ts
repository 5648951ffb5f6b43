import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `LinkMtu`. */
export interface LinkMtuArgs extends HostResourceArgs {
  /**
   * The interface. Another one is a replacement.
   * @example "eth1"
   */
  device: pulumi.Input<string>;
  /**
   * The bytes of the longest packet, from 1280 on. What lies between two hosts has to carry as many.
   * @example 1520
   */
  mtu: pulumi.Input<number>;
  /**
   * Whether the interface has this MTU after a reboot, too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * How long a packet an interface carries (its MTU). A tunnel to a real server puts 20 bytes before each packet: with 1520 on
 * the director and on the real servers, a client's packet of 1500 fits as it is. Deleting the resource gives the interface the
 * MTU that was found.
 *
 * An interface that lies on another one (a VLAN) has no more than that one: raise the lower one first, by `dependsOn`.
 *
 * @example
 * ```ts
 * for (const host of [director, rs1, rs2]) new LinkMtu(`${host.name}-wide`, { host, device: "eth1", mtu: 1520 });
 * ```
 */
@declares
export class LinkMtu extends HostResource {
  /** The interface that has the MTU. */
  declare readonly device: pulumi.Output<string>;
  /** The MTU that was seen, in bytes. */
  declare readonly mtu: pulumi.Output<number>;
  /** Whether the MTU was seen to come back after a reboot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: LinkMtuArgs, opts?: pulumi.CustomResourceOptions) {
    const { device, mtu, boot } = args;
    super("LinkMtu", name, args, { device, mtu, boot }, opts);
  }
}
