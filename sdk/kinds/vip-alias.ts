import * as pulumi from "@pulumi/pulumi";
import { familyOf, isAddress, isLabel } from "pulumi-lvs-provider/model";
import type { AdviceHints } from "../arguments/advice-args";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `VipAlias`. */
export interface VipAliasArgs extends HostResourceArgs {
  /**
   * The virtual address (VIP). Another address is a replacement. An address that alone leads the interface to its
   * network is the host's own, and is refused.
   * @example "172.17.111.111"
   */
  address: pulumi.Input<string>;
  /**
   * The interface that carries the address. Another interface is a replacement.
   * @example "eth0"
   * @example "lo"
   */
  device: pulumi.Input<string>;
  /**
   * The name under which ifconfig(8) shows the address (ip-address(8), `label`). For IPv4 alone.
   * @default none
   * @example "eth0:0"
   */
  label?: pulumi.Input<string | undefined>;
  /**
   * Whether the address is there after a reboot, after a restart of the network manager, and after the link was down,
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
 * A virtual address on an interface, alone in its network (/32 with itself as broadcast address, IPv6 /128), and the
 * host route to the address. When the address arrives, the network is told (gratuitous ARP, neighbour advertisement):
 * clients that knew it elsewhere follow at once. On a real server, `ArpSettings` must be in force before. Deleting the resource puts back
 * what was found.
 *
 * @example
 * ```ts
 * new VipAlias("vip", { host: director, address: "172.17.111.111", device: "eth0", label: "eth0:0" });
 * ```
 */
@declares
export class VipAlias extends HostResource {
  /** The virtual address (VIP), as the kernel prints it. */
  declare readonly address: pulumi.Output<string>;
  /** The interface that carries the address. */
  declare readonly device: pulumi.Output<string>;
  /**
   * The label that was seen; undefined: none. After a refresh `""` where the address is gone and a label was declared.
   */
  declare readonly label: pulumi.Output<string | undefined>;
  /** Whether the address was seen to be there after a reboot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: VipAliasArgs, opts?: pulumi.CustomResourceOptions) {
    const { address, device, label, boot, advice } = args;
    super("VipAlias", name, args, { address, device, label, boot, ...(advice && { advice }) }, opts);
  }
}

/**
 * The name that tutorials give the first alias of an interface. IPv6 addresses have no label, and neither have interfaces whose
 * name leaves no room for one.
 */
export function aliasLabel(address: pulumi.Input<string>, device: string): pulumi.Output<string | undefined> {
  const label = `${device}:0`;
  return pulumi
    .output(address)
    .apply((vip) => (isAddress(vip) && familyOf(vip) === "ipv4" && isLabel(label, device) ? label : undefined));
}
