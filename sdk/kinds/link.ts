import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `Link`. */
export interface LinkArgs extends HostResourceArgs {
  /**
   * The interface. Another one is a replacement.
   * @example "tunl0"
   */
  device: pulumi.Input<string>;
  /**
   * Whether the interface is up after a reboot, too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * A network interface that is up. An interface that a kernel module makes (`tunl0` of ipip) is down at first. Deleting
 * the resource takes the interface down where it was found down.
 *
 * @example
 * ```ts
 * const ipip = new KernelModule("ipip", { host, module: "ipip" });
 * new Link("tunnel", { host, device: "tunl0" }, { dependsOn: ipip });
 * ```
 */
@declares
export class Link extends HostResource {
  /** The interface that is up. */
  declare readonly device: pulumi.Output<string>;
  /** Whether the interface was seen to come up after a reboot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: LinkArgs, opts?: pulumi.CustomResourceOptions) {
    const { device, boot } = args;
    super("Link", name, args, { device, boot }, opts);
  }
}
