import type * as pulumi from "@pulumi/pulumi";
import type { Family } from "pulumi-lvs-provider/model";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `Sysctl`. */
export interface SysctlArgs extends HostResourceArgs {
  /**
   * The setting's name (sysctl(8)). Where an interface's name has dots, `/` separates the parts of the setting's name.
   * Another key is a replacement.
   * @example "net.ipv4.ip_forward"
   */
  key: pulumi.Input<string>;
  /**
   * The value as the kernel prints it. A blank separates several numbers. Ports and masks may be in another form:
   * "8080,8081" is the kernel's "8080-8081".
   * @example 1
   */
  value: pulumi.Input<string | number>;
  /**
   * Whether the value holds after a reboot, too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * A kernel setting, now and after a reboot. Deleting the resource puts back the value that was found, and also what the
 * kernel changed by itself: `ip_forward` also sets forwarding on every interface
 * (Documentation/networking/ip-sysctl.rst).
 *
 * @example
 * ```ts
 * new Sysctl("forwarding", { host: director, key: "net.ipv4.ip_forward", value: 1 });
 * ```
 */
@declares
export class Sysctl extends HostResource {
  /** The setting's name. */
  declare readonly key: pulumi.Output<string>;
  /**
   * The value that was seen; `""` where the kernel has no such setting. Tabs separate several numbers, as the kernel
   * prints them.
   */
  declare readonly value: pulumi.Output<string>;
  /** Whether the value was seen to hold after a reboot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: SysctlArgs, opts?: pulumi.CustomResourceOptions) {
    const { key, value, boot } = args;
    super("Sysctl", name, args, { key, value, boot }, opts);
  }
}

/**
 * The key of a setting of one interface. For an interface with dots in its name (eth0.100), slashes separate the parts
 * (sysctl(8)).
 */
export function interfaceKey(device: string, setting: string, family: Family = "ipv4"): string {
  return ["net", family, "conf", device, setting].join(device.includes(".") ? "/" : ".");
}
