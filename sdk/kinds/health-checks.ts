import type * as pulumi from "@pulumi/pulumi";
import type { Forwarding } from "pulumi-lvs-provider/model";
import type { AdviceHints } from "../arguments/advice-args";
import { declares } from "../arguments/declares";
import { HostResource, type HostResourceArgs } from "../host/resource";
import type { DrainArgs, PersistenceArgs } from "./virtual-service-args";

/** The form in which the kernel should hold a virtual service that ldirectord keeps. */
export interface CheckedServiceArgs {
  /**
   * How the director chooses among the destinations.
   * @default "wrr"
   */
  scheduler?: pulumi.Input<string>;
  /**
   * Flags of the scheduler (ipvsadm(8), `--sched-flags`).
   * @default none
   */
  schedulerFlags?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Keeps a client on one real server.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * Schedules every packet by itself: for UDP.
   * @default false
   */
  onePacket?: pulumi.Input<boolean>;
  /**
   * Whether a destination that is out stays in the table with weight 0. Otherwise it leaves the table.
   * @default false
   */
  quiescent?: pulumi.Input<boolean>;
  /**
   * The address that gets the clients while every destination is out.
   * @default none
   */
  fallback?: pulumi.Input<string>;
  /** The destinations, by address and port. With a mark the port may be 0. */
  destinations: pulumi.Input<Record<string, pulumi.Input<CheckedDestinationArgs>>>;
}

/** A destination while it is in the table. */
export interface CheckedDestinationArgs {
  /** How packets reach it. */
  forwarding: pulumi.Input<Forwarding>;
  /**
   * Its share relative to the other destinations, 0 to 65535.
   * @default 1
   */
  weight?: pulumi.Input<number>;
  /**
   * From this many connections on the destination gets no new ones.
   * @default 0: no bound
   */
  upperThreshold?: pulumi.Input<number>;
  /**
   * Below this many connections the destination gets new ones again.
   * @default 0: three quarters of `upperThreshold`
   */
  lowerThreshold?: pulumi.Input<number>;
}

/** The arguments of `HealthChecks`. */
export interface HealthChecksArgs extends HostResourceArgs {
  /**
   * The site whose own keepalived keeps the services (`KeepalivedChecks`). Another site is a replacement.
   * @default the host's ldirectord keeps them
   */
  keepalived?: pulumi.Input<string>;
  /** The files that the daemon must have been started or reloaded with: path → SHA-256 of the content in hexadecimal. */
  configuration: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * The virtual services that the daemon makes of these files, by match: `172.17.111.111:80`, `172.17.111.111:53/udp`,
   * a mark `99` or `99/ipv6`.
   */
  services: pulumi.Input<Record<string, pulumi.Input<CheckedServiceArgs>>>;
  /**
   * Seconds until the daemon's first checks must be over.
   * @default 35
   */
  patience?: pulumi.Input<number>;
  /**
   * How connections end when a destination is no longer declared.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * What `up` has to know for its advice. Clusters say it themselves.
   * @default nothing
   */
  advice?: AdviceHints;
}

/** Whether a real server is in the table: by service and destination. */
export type ServerHealth = Record<string, Record<string, "up" | "down">>;

/**
 * ldirectord runs with the declared configuration, and the kernel's table is as ldirectord should make it. The provider
 * reads the table, because ldirectord reports success whatever happened. `Ldirectord` declares this resource together
 * with the package and the files.
 *
 * A destination that ldirectord took out, for its health or for maintenance, shows in `health`. That is no difference
 * and no failure. A destination that was deleted by hand looks the same: it comes back when its health changes, or by a
 * reload.
 */
@declares
export class HealthChecks extends HostResource {
  /** The site whose own keepalived keeps the services; undefined where ldirectord does. */
  declare readonly keepalived: pulumi.Output<string | undefined>;
  /** Whether ldirectord starts at boot. */
  declare readonly enabled: pulumi.Output<boolean>;
  /** Whether ldirectord runs. */
  declare readonly running: pulumi.Output<boolean>;
  /**
   * The files as ldirectord has loaded them: path → SHA-256. A file that was changed since then has its present digest.
   * A file that is gone is `"absent"`.
   */
  declare readonly configuration: pulumi.Output<Record<string, string>>;
  /**
   * The virtual services that were seen in the kernel's table. A destination that is out for its health counts as
   * declared.
   */
  declare readonly services: pulumi.Output<Record<string, pulumi.Unwrap<CheckedServiceArgs>>>;
  /** Seconds until the daemon's first checks must be over. */
  declare readonly patience: pulumi.Output<number>;
  /** How connections end when a destination is no longer declared, with the defaults. */
  declare readonly drain: pulumi.Output<Required<pulumi.Unwrap<DrainArgs>>>;
  /** Which real servers were in the table at the last look. */
  declare readonly health: pulumi.Output<ServerHealth>;

  constructor(name: string, args: HealthChecksArgs, opts?: pulumi.CustomResourceOptions) {
    const { keepalived, configuration, services, patience, drain, advice } = args;
    const outputs = { enabled: true, running: true, health: undefined };
    const site = keepalived !== undefined && { keepalived };
    const inputs = { ...site, configuration, services, patience, drain, ...(advice && { advice }) };
    super("HealthChecks", name, args, inputs, opts, outputs);
  }
}
