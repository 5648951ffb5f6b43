import type * as pulumi from "@pulumi/pulumi";
import type { Forwarding } from "pulumi-lvs-provider/model";
import { HostResource, type HostResourceArgs } from "../host/resource";
import type { DrainArgs, PersistenceArgs } from "./virtual-service";

/** How the kernel should hold a virtual service that ldirectord keeps. */
export interface CheckedServiceArgs {
  /** How the director chooses among the destinations. */
  scheduler?: pulumi.Input<string>;
  /** Flags of the scheduler. */
  schedulerFlags?: pulumi.Input<pulumi.Input<string>[]>;
  /** Keeps a client on one real server. */
  persistence?: pulumi.Input<PersistenceArgs>;
  /** Schedules every packet by itself. */
  onePacket?: pulumi.Input<boolean>;
  /** A destination that is out stays with weight 0. */
  quiescent?: pulumi.Input<boolean>;
  /** The address that stands in while every destination is out. */
  fallback?: pulumi.Input<string>;
  /** By address and port. */
  destinations: pulumi.Input<Record<string, pulumi.Input<CheckedDestinationArgs>>>;
}

/** A destination while it is in. */
export interface CheckedDestinationArgs {
  /** How packets reach it. */
  forwarding: pulumi.Input<Forwarding>;
  /** Its share relative to the others. */
  weight?: pulumi.Input<number>;
  /** From this many connections on it gets no new ones. */
  upperThreshold?: pulumi.Input<number>;
  /** Below this many connections it gets new ones again. */
  lowerThreshold?: pulumi.Input<number>;
}

/** The arguments of `HealthChecks`. */
export interface HealthChecksArgs extends HostResourceArgs {
  /** The files that ldirectord must have been started or reloaded with: path → SHA-256 of the content. */
  configuration: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** The services that it makes of them, by match: "172.17.111.111:80", "172.17.111.111:53/udp", a mark "99" or "99/ipv6". */
  services: pulumi.Input<Record<string, pulumi.Input<CheckedServiceArgs>>>;
  /**
   * Seconds until its first checks must be over.
   * @default 35
   */
  patience?: pulumi.Input<number>;
  /** How connections end when a destination is no longer declared. */
  drain?: pulumi.Input<DrainArgs>;
}

/** Whether a real server is in; by service and destination. */
export type ServerHealth = Record<string, Record<string, "up" | "down">>;

/**
 * ldirectord runs, with the configuration that is declared, and the kernel's table is as it should make it: read from the table,
 * because ldirectord reports success whatever happened. `Ldirectord` declares this along with the package and its files.
 *
 * A destination that ldirectord took out, for its health or for maintenance, shows in `health`: no difference, no failure. One
 * that was deleted by hand cannot be told from it; it comes back when its health changes, or by a reload.
 */
export class HealthChecks extends HostResource {
  /** Whether it starts at boot. */
  declare readonly enabled: pulumi.Output<boolean>;
  /** Whether it runs. */
  declare readonly running: pulumi.Output<boolean>;
  declare readonly configuration: pulumi.Output<Record<string, string>>;
  declare readonly services: pulumi.Output<Record<string, pulumi.Unwrap<CheckedServiceArgs>>>;
  declare readonly patience: pulumi.Output<number>;
  declare readonly drain: pulumi.Output<Required<pulumi.Unwrap<DrainArgs>>>;
  /** Which real servers were in when this was last looked at. */
  declare readonly health: pulumi.Output<ServerHealth>;

  constructor(name: string, args: HealthChecksArgs, opts?: pulumi.CustomResourceOptions) {
    const { host, configuration, services, patience, drain } = args;
    const told = { enabled: true, running: true, health: undefined };
    super("HealthChecks", name, host, { configuration, services, patience, drain, ...told }, opts);
  }
}
