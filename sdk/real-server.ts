import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host";
import { Route } from "./route";

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

/** The arguments of a `RealServer`, by the way that packets reach it. */
export type RealServerArgs = NatRealServerArgs;

/**
 * A host that is ready to answer for a virtual service. What it serves is declared beside it (`WebSite`).
 *
 * @example
 * ```ts
 * new RealServer("rs1", { host, address: "192.168.199.146", forwarding: "nat", gateway: "192.168.199.145" });
 * ```
 */
export class RealServer extends pulumi.ComponentResource {
  /** Its address (RIP). */
  readonly address: pulumi.Output<string>;
  /** NAT alone: the default route through the director. */
  readonly route: Route | undefined;

  constructor(name: string, args: RealServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lvs:index:RealServer", name, {}, opts);
    const { host, gateway } = args;

    this.address = pulumi.output(args.address);
    this.route = new Route(`${name}-default`, { host, to: "default", via: gateway }, { parent: this });
    this.registerOutputs({ address: this.address });
  }
}
