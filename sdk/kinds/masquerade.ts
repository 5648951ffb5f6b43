import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `Masquerade`. */
export interface MasqueradeArgs extends HostResourceArgs {
  /**
   * The network whose outgoing traffic gets the director's address. Another source or interface is a replacement.
   * @example "192.168.199.0/24"
   */
  source: pulumi.Input<string>;
  /**
   * Only traffic that leaves by this interface.
   * @default any interface
   * @example "eth0"
   */
  outInterface?: pulumi.Input<string>;
  /**
   * Whether the rule holds after a reboot, too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * Source NAT for connections that real servers open themselves, for instance to repositories: these leave the director
 * with the director's own address. Replies to clients need no such rule, because IPVS translates them.
 *
 * @example
 * ```ts
 * new Masquerade("outgoing", { host: director, source: "192.168.199.0/24", outInterface: "eth0" });
 * ```
 */
@declares
export class Masquerade extends HostResource {
  /** The network whose outgoing traffic gets the director's address. A single address has no prefix. */
  declare readonly source: pulumi.Output<string>;
  /** The interface by which the traffic leaves; undefined for any. */
  declare readonly outInterface: pulumi.Output<string | undefined>;
  /** Whether the rule was seen to hold after a reboot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: MasqueradeArgs, opts?: pulumi.CustomResourceOptions) {
    const { source, outInterface, boot } = args;
    super("Masquerade", name, args, { source, outInterface, boot }, opts);
  }
}
