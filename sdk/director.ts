import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host";
import type { Forwarding } from "./ipvs";
import { KernelModule } from "./kernel-module";
import { Masquerade } from "./masquerade";
import { Package } from "./package";
import { Sysctl } from "./sysctl";

/** What outgoing traffic of real servers a director masquerades. */
export interface OutgoingArgs {
  /**
   * The network whose outgoing traffic gets the director's address.
   * @example "192.168.199.0/24"
   */
  source: pulumi.Input<string>;
  /**
   * Only traffic that leaves by this interface.
   * @default any interface
   */
  outInterface?: pulumi.Input<string>;
}

/** The arguments of a `Director`. */
export interface DirectorArgs {
  /** The host that becomes a director. */
  host: Host;
  /** How packets reach the real servers. With `"nat"` the director forwards packets (ip_forward). */
  forwarding: Forwarding;
  /**
   * One-arm NAT: the one interface that clients and real servers are reached by. The director must not send redirects then:
   * they would tell a real server a way to its clients that bypasses the director (Documentation/networking/ip-sysctl.rst,
   * send_redirects: either of "all" and the interface switches it on).
   * @default two arms: the director is the only way between them
   * @example "eth0"
   */
  oneArm?: string;
  /**
   * Lets real servers open connections of their own through the director.
   * @default none
   */
  masquerade?: OutgoingArgs[];
}

/**
 * A host that is ready to direct: ipvsadm, the kernel's IPVS, and for NAT the forwarding of packets. Services are declared on
 * top of it (`VirtualService`, `NatCluster`).
 *
 * @example
 * ```ts
 * const director = new Director("director", { host, forwarding: "nat" });
 * ```
 */
export class Director extends pulumi.ComponentResource {
  readonly package: Package;
  readonly module: KernelModule;
  /** One-arm NAT alone: no redirects. */
  readonly redirects: readonly Sysctl[];
  /** NAT alone: ip_forward. */
  readonly forwarding: Sysctl | undefined;
  /** Where something is masqueraded: what keeps the rules. */
  readonly nftables: Package | undefined;
  readonly masquerade: readonly Masquerade[];

  constructor(name: string, args: DirectorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lvs:index:Director", name, {}, opts);
    const { host } = args;
    const own = { parent: this };

    this.package = new Package(`${name}-ipvsadm`, { host, package: "ipvsadm" }, own);
    this.module = new KernelModule(`${name}-ip-vs`, { host, module: "ip_vs" }, own);
    this.redirects = silentInterfaces(args).map(
      (device) => new Sysctl(`${name}-redirects-${device}`, { host, key: sendRedirects(device), value: 0 }, own),
    );
    this.forwarding = forwards(args)
      ? new Sysctl(
          `${name}-ip-forward`,
          { host, key: "net.ipv4.ip_forward", value: 1 },
          { ...own, dependsOn: [...this.redirects] },
        )
      : undefined;
    const outgoing = args.masquerade ?? [];
    this.nftables =
      outgoing.length > 0 ? new Package(`${name}-nftables`, { host, package: "nftables" }, own) : undefined;
    this.masquerade = outgoing.map(
      (traffic, index) =>
        new Masquerade(`${name}-outgoing-${index}`, { host, ...traffic }, { ...own, dependsOn: this.nftables ?? [] }),
    );
    this.registerOutputs();
  }
}

function forwards({ forwarding }: DirectorArgs): boolean {
  return forwarding === "nat";
}

function silentInterfaces({ forwarding, oneArm }: DirectorArgs): string[] {
  return forwarding === "nat" && oneArm ? ["all", oneArm] : [];
}

// Where an interface's name has dots (eth0.100), sysctl(8) separates the parts by slashes.
function sendRedirects(device: string): string {
  const parts = ["net", "ipv4", "conf", device, "send_redirects"];
  return parts.join(device.includes(".") ? "/" : ".");
}
