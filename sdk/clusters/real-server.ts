import * as pulumi from "@pulumi/pulumi";
import { isSameAddress, type Problem } from "pulumi-lvs-provider/model";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import { plain } from "../arguments/plain";
import { problem } from "../arguments/problem";
import { refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { KernelModule } from "../kinds/kernel-module";
import { Link } from "../kinds/link";
import { Route } from "../kinds/route";
import { interfaceKey, Sysctl } from "../kinds/sysctl";
import { aliasLabel, VipAlias } from "../kinds/vip-alias";
import { ArpSettings } from "./arp-settings";
import type { RealServerArgs } from "./parts-args";
import { realServer } from "./shapes";

/**
 * A host that is ready to answer for a virtual service. A resource of its own declares what the host serves
 * (`WebSite`).
 *
 * @example
 * ```ts
 * new RealServer("rs1", { host, address: "192.168.199.146", forwarding: "nat", gateway: "192.168.199.145" });
 * new RealServer("rs2", { host, address: "172.17.111.234", forwarding: "dr", vip: "172.17.111.111", device: "eth0" });
 * new RealServer("rs3", { host, address: "10.8.0.3", forwarding: "tun", vip: "172.17.111.111", device: "eth0" });
 * ```
 */
@declares
export class RealServer extends pulumi.ComponentResource {
  /** Its address (RIP). */
  readonly address: pulumi.Output<string>;
  /** NAT alone: the default route through the director. */
  readonly route: Route | undefined;
  /** One-arm NAT by IPv6 alone: the setting by which it follows no redirects. */
  readonly redirects: Sysctl | undefined;
  /** Direct routing and tunnels alone: the settings that keep the real server silent about the VIP. */
  readonly arp: ArpSettings | undefined;
  /** Direct routing: the VIP on the loopback interface. Tunnels: the VIP on the tunnel's interface. */
  readonly vip: VipAlias | undefined;
  /** Tunnels alone: the interface that unwraps the packets. */
  readonly tunnel: Link | undefined;

  constructor(name: string, args: RealServerArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseShape(`RealServer "${name}"`, realServer, args);
    refuse(`RealServer "${name}"`, args.forwarding === "nat" ? [] : ownVip(plain(args.address), plain(args.vip)));
    super("lvs:index:RealServer", name, {}, opts);
    const { host, ports } = args;
    const own = { parent: this };

    this.address = pulumi.output(args.address);
    if (args.forwarding === "nat") {
      this.redirects = args.oneArm ? refuseRedirects(this, name, host, args.oneArm) : undefined;
      const options = { ...own, dependsOn: this.redirects ?? [] };
      const advice = ports && { address: args.address, ports };
      const route = { host, to: "default", via: args.gateway, ...(advice && { advice }) };
      this.route = new Route(`${name}-default`, route, options);
    } else {
      const { vip: address, device, rpFilter, arpOn } = args;
      const quiet = { ...(rpFilter !== undefined && { rpFilter }), ...(arpOn && { arpOn }) };
      this.arp = new ArpSettings(`${name}-arp`, { host, device, ...quiet }, own);
      this.tunnel = args.forwarding === "tun" ? createTunnel(this, name, host) : undefined;
      // The real server must be silent before it has the VIP: after one answer to ARP, clients bypass the director
      // until they forget the answer.
      const options = { ...own, dependsOn: [this.arp, ...(this.tunnel ? [this.tunnel] : [])] };
      const on = this.tunnel ? TUNNEL : "lo";
      const label = aliasLabel(address, on);
      const advice = { device, ...(ports && { ports }) };
      this.vip = new VipAlias(`${name}-vip`, { host, address, device: on, label, advice }, options);
    }
    this.registerOutputs({ address: this.address });
  }
}

/** The problem of a server whose own address is the VIP: the director would send to itself. */
function ownVip(address: string | undefined, vip: string | undefined): Problem[] {
  const reason =
    isSameAddress(address, vip) && `${address} is the VIP as well: give the address by which the director reaches it`;
  return problem("address", reason);
}

function refuseRedirects(parent: RealServer, name: string, host: Host, device: string): Sysctl {
  const setting = { host, key: interfaceKey(device, "accept_redirects", "ipv6"), value: 0 };
  return new Sysctl(`${name}-redirects-${device}`, setting, { parent });
}

/** The interface that the kernel module ipip makes. */
const TUNNEL = "tunl0";

/**
 * Clients' packets come in by the tunnel, and the answers leave by another interface. So the reverse path filter is
 * loose here (the kernel takes the higher of the values of "all" and of the interface:
 * Documentation/networking/ip-sysctl.rst, rp_filter). Even a loose filter drops everything on an interface without
 * address. The VIP is that address.
 */
function createTunnel(parent: RealServer, name: string, host: Host): Link {
  const ipip = new KernelModule(`${name}-ipip`, { host, module: "ipip" }, { parent });
  const options = { parent, dependsOn: ipip };
  const loose = { host, key: interfaceKey(TUNNEL, "rp_filter"), value: 2 };
  const setting = new Sysctl(`${name}-rp_filter-${TUNNEL}`, loose, options);
  return new Link(`${name}-tunnel`, { host, device: TUNNEL }, { parent, dependsOn: setting });
}
