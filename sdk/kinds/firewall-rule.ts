import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** What a `FirewallRule` can let in: protocols with ports, and protocols that have none. */
export type LetInProtocol = "tcp" | "udp" | "sctp" | "vrrp" | "gre" | "ipip";

/** The arguments of a `FirewallRule`. Another value of any of them is a replacement. */
export interface FirewallRuleArgs extends HostResourceArgs {
  /**
   * The protocol. `vrrp` is what directors agree by, `gre` and `ipip` are tunnels to a real server.
   * @default "tcp"
   */
  protocol?: pulumi.Input<LetInProtocol>;
  /**
   * The port, or a range of ports. TCP, UDP and SCTP need one, the others have none.
   * @default none
   * @example "8000-8010"
   */
  port?: pulumi.Input<number | string>;
  /**
   * Only what comes from this address or network, IPv4 or IPv6.
   * @default everybody, by IPv4 and by IPv6
   * @example "172.17.111.0/24"
   */
  source?: pulumi.Input<string>;
  /**
   * Only what arrives by this interface. Where firewalld runs, the interface needs a zone of its own.
   * @default any interface; where firewalld runs, those of its default zone
   * @example "eth0"
   */
  inInterface?: pulumi.Input<string>;
}

/**
 * A port or a protocol that a host lets in, now and after a reboot. Who rules the firewall on that host is told: firewalld
 * where it runs (its zone of the interface, or its default zone), ufw where it is active. Otherwise the rule stands first in
 * each chain of nftables or iptables that may drop what arrives.
 *
 * What the firewall's owner lets in by the same rule already stays when this is deleted. Where nothing filters, nothing is
 * changed, and `firewall` is `"none"`; a firewall that is set up later shows as `open: false` at a refresh.
 *
 * @example
 * ```ts
 * new FirewallRule("web", { host: director, port: 80 });
 * new FirewallRule("vrrp", { host: director, protocol: "vrrp", source: "172.17.111.0/24", inInterface: "eth0" });
 * ```
 */
@declares
export class FirewallRule extends HostResource {
  /** The protocol that is let in. */
  declare readonly protocol: pulumi.Output<LetInProtocol>;
  /** The port or range of ports; undefined for a protocol that has none. */
  declare readonly port: pulumi.Output<number | string | undefined>;
  /** The network that is let in; undefined for everybody. An address alone has no prefix. */
  declare readonly source: pulumi.Output<string | undefined>;
  /** The interface; undefined for any. */
  declare readonly inInterface: pulumi.Output<string | undefined>;
  /** Whether it was seen to be let in. */
  declare readonly open: pulumi.Output<boolean>;
  /**
   * Who was seen to rule the firewall: `"firewalld, zone public"`, `"ufw"`, the chains of nftables and iptables that have a
   * rule (`"nft inet filter input"`), or `"none"` where nothing filters.
   */
  declare readonly firewall: pulumi.Output<string>;
  /** Whether it was seen to hold after a reboot too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: FirewallRuleArgs, opts?: pulumi.CustomResourceOptions) {
    const { protocol, port, source, inInterface } = args;
    const outputs = { open: undefined, firewall: undefined, boot: undefined };
    super("FirewallRule", name, args, { protocol, port, source, inInterface }, opts, outputs);
  }
}
