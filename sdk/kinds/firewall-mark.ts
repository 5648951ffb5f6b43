import type * as pulumi from "@pulumi/pulumi";
import type { Protocol } from "pulumi-lvs-provider/model";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `FirewallMark`. */
export interface FirewallMarkArgs extends HostResourceArgs {
  /**
   * The mark, 1 to 4294967295. A `VirtualService` with the same mark catches the packets. Another mark is a
   * replacement.
   * @example 99
   */
  mark: pulumi.Input<number>;
  /**
   * The virtual address (VIP) that packets are for. Another address is a replacement.
   * @example "172.17.111.111"
   */
  address: pulumi.Input<string>;
  /**
   * The transport protocol. Another one is a replacement.
   * @default "tcp"
   */
  protocol?: pulumi.Input<Protocol>;
  /**
   * The ports that packets are for, and ranges of ports. With an empty list no packets are marked: they go to the
   * services of their ports.
   * @example [80, 443, "8000-8010"]
   */
  ports: pulumi.Input<pulumi.Input<number | string>[]>;
  /**
   * Whether the rule holds after a reboot, too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * Marks packets before they are routed (mangle/PREROUTING), so that one virtual service can catch several ports. The
 * rule is in a table of our own, `inet lvs`, or in a table of iptables where there is no nft. The rules of others stay
 * untouched.
 *
 * @example
 * ```ts
 * new FirewallMark("web", { host: director, mark: 99, address: "172.17.111.111", ports: [80, 443] });
 * ```
 */
@declares
export class FirewallMark extends HostResource {
  /** The mark that packets get. */
  declare readonly mark: pulumi.Output<number>;
  /** The virtual address (VIP) that packets are for, as the kernel prints it. */
  declare readonly address: pulumi.Output<string>;
  /** The transport protocol of the packets. */
  declare readonly protocol: pulumi.Output<Protocol>;
  /** The ports whose packets were seen to be marked, in order. Adjacent ports are a range. */
  declare readonly ports: pulumi.Output<(number | string)[]>;
  /** Whether the rule was seen to hold after a reboot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: FirewallMarkArgs, opts?: pulumi.CustomResourceOptions) {
    const { mark, address, protocol, ports, boot } = args;
    super("FirewallMark", name, args, { mark, address, protocol, ports, boot }, opts);
  }
}
