import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of `IpvsTimeouts`, in seconds from 1 to 2678400 (31 days). The defaults are the kernel's own. */
export interface IpvsTimeoutsArgs extends HostResourceArgs {
  /**
   * Seconds for idle TCP connections.
   * @default 900
   */
  tcp?: pulumi.Input<number>;
  /**
   * Seconds for TCP connections that the client has closed.
   * @default 120
   */
  tcpFin?: pulumi.Input<number>;
  /**
   * Seconds for UDP, after the last datagram of a client.
   * @default 300
   */
  udp?: pulumi.Input<number>;
  /**
   * Whether they hold after a reboot too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * How long a director keeps idle connections in its table (ipvsadm(8), `--set`). Declare this once a host. Deleting the
 * resource puts back what was found. The kernel's other settings of IPVS are each a `Sysctl`: `net.ipv4.vs.*`
 * (Documentation/networking/ipvs-sysctl.rst), once the module is loaded.
 *
 * @example
 * ```ts
 * new IpvsTimeouts("timeouts", { host: director, tcp: 3600 }, { dependsOn: cluster.director });
 * ```
 */
@declares
export class IpvsTimeouts extends HostResource {
  /** Seconds that were seen for idle TCP connections. */
  declare readonly tcp: pulumi.Output<number>;
  /** Seconds that were seen for TCP connections that the client has closed. */
  declare readonly tcpFin: pulumi.Output<number>;
  /** Seconds that were seen for UDP. */
  declare readonly udp: pulumi.Output<number>;
  /** Whether they were seen to hold after a reboot too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: IpvsTimeoutsArgs, opts?: pulumi.CustomResourceOptions) {
    const { tcp, tcpFin, udp, boot } = args;
    super("IpvsTimeouts", name, args, { tcp, tcpFin, udp, boot }, opts);
  }
}
