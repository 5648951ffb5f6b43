import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host";
import { KernelModule } from "../kinds/kernel-module";
import { Link } from "../kinds/link";
import { Route } from "../kinds/route";
import { interfaceKey, Sysctl } from "../kinds/sysctl";
import { aliasLabel, VipAlias } from "../kinds/vip-alias";
import { ArpSettings } from "./arp-settings";

/** A real server behind NAT: its replies must leave through the director, which puts the VIP back into them. */
export interface NatRealServerArgs {
  /** The host that becomes a real server. */
  host: Host;
  /**
   * Its address (RIP), as the director reaches it.
   * @example "192.168.199.146"
   */
  address: pulumi.Input<string>;
  /** How packets reach it. */
  forwarding: "nat";
  /**
   * The director's address on the real servers' network (DIP); the default route leads there.
   * @example "192.168.199.145"
   */
  gateway: pulumi.Input<string>;
}

/** A real server that answers its clients itself: it has the VIP too, and keeps silent about it. */
export interface DrRealServerArgs {
  /** The host that becomes a real server. */
  host: Host;
  /**
   * Its address (RIP), as the director reaches it.
   * @example "172.17.111.234"
   */
  address: pulumi.Input<string>;
  /** How packets reach it. */
  forwarding: "dr";
  /**
   * The virtual address (VIP); it is put on the loopback interface, with tunnels on `tunl0`.
   * @example "172.17.111.111"
   */
  vip: pulumi.Input<string>;
  /**
   * The interface on the network that it shares with the director.
   * @example "eth0"
   */
  device: string;
  /**
   * Whether a packet must come by the interface that its answer would leave by: see {@link ArpSettingsArgs.rpFilter}.
   * @default as it is
   */
  rpFilter?: 0 | 1 | 2;
}

/**
 * A real server that gets the packets wrapped in IP in IP, and answers its clients itself. It may be on another network than the
 * director. Where it is on the same one, it keeps silent about the VIP as in direct routing.
 */
export interface TunRealServerArgs extends Omit<DrRealServerArgs, "forwarding"> {
  /** How packets reach it. */
  forwarding: "tun";
}

/** The arguments of a `RealServer`, by the way that packets reach it. */
export type RealServerArgs = NatRealServerArgs | DrRealServerArgs | TunRealServerArgs;

/**
 * A host that is ready to answer for a virtual service. What it serves is declared beside it (`WebSite`).
 *
 * @example
 * ```ts
 * new RealServer("rs1", { host, address: "192.168.199.146", forwarding: "nat", gateway: "192.168.199.145" });
 * new RealServer("rs2", { host, address: "172.17.111.234", forwarding: "dr", vip: "172.17.111.111", device: "eth0" });
 * new RealServer("rs3", { host, address: "10.8.0.3", forwarding: "tun", vip: "172.17.111.111", device: "eth0" });
 * ```
 */
export class RealServer extends pulumi.ComponentResource {
  /** Its address (RIP). */
  readonly address: pulumi.Output<string>;
  /** NAT alone: the default route through the director. */
  readonly route: Route | undefined;
  /** Direct routing and tunnels: what keeps it silent about the VIP. */
  readonly arp: ArpSettings | undefined;
  /** Direct routing: the VIP on the loopback interface; tunnels: on the tunnel's own. */
  readonly vip: VipAlias | undefined;
  /** Tunnels alone: where the packets are unwrapped. */
  readonly tunnel: Link | undefined;

  constructor(name: string, args: RealServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lvs:index:RealServer", name, {}, opts);
    const { host } = args;
    const own = { parent: this };

    this.address = pulumi.output(args.address);
    if (args.forwarding === "nat") {
      this.route = new Route(`${name}-default`, { host, to: "default", via: args.gateway }, own);
    } else {
      const { vip: address, device, rpFilter } = args;
      this.arp = new ArpSettings(`${name}-arp`, { host, device, ...(rpFilter !== undefined && { rpFilter }) }, own);
      this.tunnel = args.forwarding === "tun" ? createTunnel(this, name, host) : undefined;
      // Silent first: one answer to ARP draws clients past the director for as long as they remember it.
      const options = { ...own, dependsOn: [this.arp, ...(this.tunnel ? [this.tunnel] : [])] };
      const on = this.tunnel ? TUNNEL : "lo";
      const label = aliasLabel(address, on);
      this.vip = new VipAlias(`${name}-vip`, { host, address, device: on, label }, options);
    }
    this.registerOutputs({ address: this.address });
  }
}

/** What the kernel module ipip makes. */
const TUNNEL = "tunl0";

/**
 * Clients' packets come out of it, and their answers leave by another interface: the check of the way back is loose (the kernel
 * takes the higher of the values of "all" and of the interface: Documentation/networking/ip-sysctl.rst, rp_filter). Even so it
 * drops everything on an interface that has no address: that is where the VIP goes.
 */
function createTunnel(parent: RealServer, name: string, host: Host): Link {
  const ipip = new KernelModule(`${name}-ipip`, { host, module: "ipip" }, { parent });
  const options = { parent, dependsOn: ipip };
  const loose = { host, key: interfaceKey(TUNNEL, "rp_filter"), value: 2 };
  const setting = new Sysctl(`${name}-rp_filter-${TUNNEL}`, loose, options);
  return new Link(`${name}-tunnel`, { host, device: TUNNEL }, { parent, dependsOn: setting });
}
