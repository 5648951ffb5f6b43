import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `KernelModule`. */
export interface KernelModuleArgs extends HostResourceArgs {
  /**
   * The module's name, or an alias (modprobe(8)). Another module is a replacement.
   * @example "ip_vs"
   */
  module: pulumi.Input<string>;
  /**
   * Whether the module is loaded at boot, too (modules-load.d(5)).
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * A kernel module, loaded now and at boot. A module that is built into the kernel counts as loaded. Deleting the
 * resource ends the loading at boot. The module itself stays loaded, because others may use it by now.
 *
 * @example
 * ```ts
 * new KernelModule("ipvs", { host: director, module: "ip_vs" });
 * ```
 */
@declares
export class KernelModule extends HostResource {
  /** The module's name as the kernel spells it, with underscores instead of dashes. */
  declare readonly module: pulumi.Output<string>;
  /** Whether the module was seen to be loaded at boot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: KernelModuleArgs, opts?: pulumi.CustomResourceOptions) {
    const { module, boot } = args;
    super("KernelModule", name, args, { module, boot }, opts);
  }
}
