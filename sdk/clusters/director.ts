import * as pulumi from "@pulumi/pulumi";
import type { Family } from "pulumi-lvs-provider/model";
import { declares } from "../arguments/declares";
import { andThen } from "../arguments/later";
import { refuseShape } from "../arguments/shape";
import type { Host } from "../host/host";
import { KernelModule } from "../kinds/kernel-module";
import { Masquerade } from "../kinds/masquerade";
import { Package } from "../kinds/package";
import { interfaceKey, Sysctl } from "../kinds/sysctl";
import { aliasLabel, VipAlias } from "../kinds/vip-alias";
import type { DirectorArgs, DirectorVipArgs } from "./parts-args";
import { director } from "./shapes";

/**
 * A host that is ready to direct: with ipvsadm, with the kernel's IPVS, for NAT with the forwarding of packets, and
 * with the virtual address where that is an alias. Services are declared for this host (`VirtualService`, `NatCluster`,
 * `DrCluster`).
 *
 * @example
 * ```ts
 * const director = new Director("director", { host, forwarding: "nat" });
 * ```
 */
@declares
export class Director extends pulumi.ComponentResource {
  /** The package that brings ipvsadm. */
  readonly package: Package;
  /** The kernel's IPVS (module `ip_vs`). */
  readonly module: KernelModule;
  /** One-arm NAT alone: the settings that keep the director from sending redirects, of `all` and of the interface. */
  readonly redirects: readonly Sysctl[];
  /** NAT alone: the setting that makes the director forward packets of its family. */
  readonly forwarding: Sysctl | undefined;
  /**
   * Tunnels alone: the setting by which packets that the wrapping makes too long are sent in parts (`pmtu_disc`).
   * Otherwise the director asks the client for shorter packets, by ICMP that many networks drop, and an upload hangs.
   */
  readonly fragmenting: Sysctl | undefined;
  /** The package of nftables, where the director masquerades or marks packets. */
  readonly nftables: Package | undefined;
  /** The rules by which real servers open connections of their own, in the order of the arguments. */
  readonly masquerade: readonly Masquerade[];
  /** The virtual address, where it was declared. */
  readonly vip: VipAlias | undefined;

  constructor(name: string, args: DirectorArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseShape(`Director "${name}"`, director, args);
    super("lvs:index:Director", name, {}, opts);
    const { host } = args;
    const own = { parent: this };

    this.package = new Package(`${name}-ipvsadm`, { host, package: "ipvsadm" }, own);
    this.module = new KernelModule(`${name}-ip-vs`, { host, module: "ip_vs" }, own);
    this.redirects = silentInterfaces(args).map(
      (device) =>
        new Sysctl(`${name}-redirects-${device}`, { host, key: interfaceKey(device, "send_redirects"), value: 0 }, own),
    );
    this.forwarding = forwards(args)
      ? new Sysctl(
          `${name}-ip-forward`,
          { host, key: andThen(pulumi.output(args.family ?? "ipv4"), forwardingKey), value: 1 },
          { ...own, dependsOn: [...this.redirects] },
        )
      : undefined;
    this.fragmenting =
      args.forwarding === "tun"
        ? new Sysctl(
            `${name}-pmtu_disc`,
            { host, key: "net.ipv4.vs.pmtu_disc", value: 0 },
            { ...own, dependsOn: this.module },
          )
        : undefined;
    const outgoing = args.masquerade ?? [];
    this.nftables =
      outgoing.length > 0 || args.marks
        ? new Package(`${name}-nftables`, { host, package: "nftables" }, own)
        : undefined;
    this.masquerade = outgoing.map(
      (traffic, index) =>
        new Masquerade(`${name}-outgoing-${index}`, { host, ...traffic }, { ...own, dependsOn: this.nftables ?? [] }),
    );
    this.vip = args.vip && takeVip(this, name, host, args.vip);
    this.registerOutputs();
  }
}

function takeVip(
  parent: Director,
  name: string,
  host: Host,
  { address, device, after = [] }: DirectorVipArgs,
): VipAlias {
  const label = aliasLabel(address, device);
  return new VipAlias(`${name}-vip`, { host, address, device, label }, { parent, dependsOn: after });
}

function forwards({ forwarding }: DirectorArgs): boolean {
  return forwarding === "nat";
}

function forwardingKey(family: Family): string {
  return family === "ipv6" ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";
}

function silentInterfaces({ forwarding, oneArm }: DirectorArgs): string[] {
  return forwarding === "nat" && oneArm ? ["all", oneArm] : [];
}
