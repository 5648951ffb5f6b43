import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of `Sysctls`. */
export interface SysctlsArgs extends HostResourceArgs {
  /**
   * The settings and their values, as `Sysctl` takes them.
   * @example { "net.ipv4.conf.all.arp_ignore": 1, "net.ipv4.conf.all.arp_announce": 2 }
   */
  settings: pulumi.Input<Record<string, pulumi.Input<string | number>>>;
  /**
   * Whether the values hold after a reboot, too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * Kernel settings that mean nothing alone, in one resource. Each is looked after as by a {@link Sysctl} of its own: another
 * resource may declare the same one, and the last one that goes puts back the value that was found. Where the order of the
 * settings counts, each is a `Sysctl`.
 *
 * @example
 * ```ts
 * new Sysctls("quick", { host, settings: { "net.ipv4.tcp_fin_timeout": 20, "net.ipv4.tcp_tw_reuse": 1 } });
 * ```
 */
@declares
export class Sysctls extends HostResource {
  /** The values that were seen, by setting; `""` where the kernel has no such setting. */
  declare readonly settings: pulumi.Output<Record<string, string>>;
  /** Whether all values were seen to hold after a reboot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: SysctlsArgs, opts?: pulumi.CustomResourceOptions) {
    const { settings, boot } = args;
    super("Sysctls", name, args, { settings, boot }, opts);
  }
}
