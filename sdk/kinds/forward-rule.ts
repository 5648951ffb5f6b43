import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of a `ForwardRule`. */
export interface ForwardRuleArgs extends HostResourceArgs {
  /**
   * The network that the host forwards from, IPv4 or IPv6. Another network is a replacement.
   * @example "192.168.199.0/24"
   */
  source: pulumi.Input<string>;
}

/**
 * What a host forwards from a network, and the answers to it, through a firewall that forwards nothing by itself. A NAT
 * director forwards the replies of its real servers. Who rules the firewall is told: ufw where it is active. Otherwise the
 * rules stand first in each chain of nftables or iptables that may drop what is forwarded, as Docker's `FORWARD`.
 *
 * firewalld is no case for it: there the Sysctl `net.ipv4.vs.conntrack` = 1 makes replies known, and firewalld forwards them.
 *
 * @example
 * ```ts
 * new ForwardRule("replies", { host: director, source: "192.168.199.0/24" });
 * ```
 */
@declares
export class ForwardRule extends HostResource {
  /** The network that the host forwards from. An address alone has no prefix. */
  declare readonly source: pulumi.Output<string>;
  /** Whether it was seen to be forwarded. */
  declare readonly open: pulumi.Output<boolean>;
  /** Who was seen to rule the firewall: `"ufw"`, `"firewalld"`, the chains that may drop, or `"none"`. */
  declare readonly firewall: pulumi.Output<string>;
  /** Whether it was seen to hold after a reboot too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: ForwardRuleArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { open: undefined, firewall: undefined, boot: undefined };
    super("ForwardRule", name, args, { source: args.source }, opts, outputs);
  }
}
