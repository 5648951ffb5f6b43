import type * as pulumi from "@pulumi/pulumi";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";

/** The arguments of `ConnectionSync`. */
export interface ConnectionSyncArgs extends HostResourceArgs {
  /**
   * The interface on the network that the directors share. It needs an address of the group's family.
   * @example "eth1"
   */
  device: pulumi.Input<string>;
  /**
   * The same number on all directors that tell one another, 1 to 255 (ipvsadm(8), `--syncid`).
   * @default 1
   */
  syncId?: pulumi.Input<number>;
  /**
   * The multicast group that they speak in (ipvsadm(8), `--mcast-group`).
   * @default "224.0.0.81"
   * @example "ff02::81"
   */
  group?: pulumi.Input<string>;
  /**
   * After how many packets of a connection the others are told, and every how many packets again
   * (Documentation/networking/ipvs-sysctl.rst, sync_threshold). With a second number above 0 the kernel takes no notice
   * of `refreshPeriod`, and takes a first number that is less alone.
   * @default "3 0"
   */
  threshold?: pulumi.Input<string>;
  /**
   * Bytes of connections that are gathered before they are sent, 1 to 65507 (ipvsadm(8), `--sync-maxlen`), in a group of
   * IPv6 to 65487. Above 1472 give all directors the same: what is longer than a director expects is lost to it. The others hear
   * of a connection once the bytes are full, or after two seconds. With 1 each connection has a message of its own, which
   * is sent as soon as another one has news. With many thousands of new connections a second, 1472 makes fewer packets.
   * @default 1
   */
  messageSize?: pulumi.Input<number>;
  /**
   * Seconds after which a connection with traffic is told of again: a director that was rebooted learns what is open in
   * this time (Documentation/networking/ipvs-sysctl.rst, sync_refresh_period); 0: never.
   * @default 10
   */
  refreshPeriod?: pulumi.Input<number>;
  /**
   * Whether the daemons run after a reboot, too.
   * @default true
   */
  boot?: pulumi.Input<boolean>;
}

/**
 * A director tells the other directors on a network of its connections, and hears of theirs (ipvsadm(8),
 * `--start-daemon`). When another director takes over, the clients' connections go on. Declare this once a host, on
 * every director alike. What is told is neither encrypted nor signed: the network belongs to the directors, or is one
 * where nobody else sends. Deleting the resource puts the kernel's settings back and stops the daemons.
 *
 * @example
 * ```ts
 * for (const host of [director1, director2]) new ConnectionSync(`${host.name}-sync`, { host, device: "eth1" });
 * ```
 */
@declares
export class ConnectionSync extends HostResource {
  /** The interface of the daemons that were seen; `""` where none runs. */
  declare readonly device: pulumi.Output<string>;
  /** The number by which directors that tell one another know each other. */
  declare readonly syncId: pulumi.Output<number>;
  /** The multicast group. */
  declare readonly group: pulumi.Output<string>;
  /** After how many packets of a connection the others are told, and every how many packets again. */
  declare readonly threshold: pulumi.Output<string>;
  /** Bytes of connections that are gathered before they are sent; 0 where no daemon tells of connections. */
  declare readonly messageSize: pulumi.Output<number>;
  /** Seconds after which a connection with traffic is told of again. */
  declare readonly refreshPeriod: pulumi.Output<number>;
  /** Whether the daemons were seen to run after a reboot, too. */
  declare readonly boot: pulumi.Output<boolean>;

  constructor(name: string, args: ConnectionSyncArgs, opts?: pulumi.CustomResourceOptions) {
    const { device, syncId, group, threshold, messageSize, refreshPeriod, boot } = args;
    const values = { device, syncId, group, threshold, messageSize, refreshPeriod, boot };
    super("ConnectionSync", name, args, values, opts);
  }
}
