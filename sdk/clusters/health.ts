import type * as pulumi from "@pulumi/pulumi";
import type { Forwarding, Protocol, Scheduler } from "pulumi-lvs-provider/model";
import { matchKey, normalAddress, type PortOf, type Problem } from "pulumi-lvs-provider/model";
import { refuse } from "../arguments/argument-error";
import type { KeepalivedCheckingArgs, KeepalivedVirtualArgs } from "../keepalived/checks-args";
import type { DestinationArgs, PersistenceArgs } from "../kinds/virtual-service-args";
import type { LdirectordCheckArgs } from "../ldirectord/check-args";
import type { LdirectordCommonArgs, LdirectordGlobalArgs } from "../ldirectord/global-args";
import type { LdirectordVirtualArgs } from "../ldirectord/virtual-args";

/** Who owns the table: the declaration, or a health checker that takes destinations out and puts them in. */
export type Health = StaticHealth | LdirectordHealth | KeepalivedHealth;

/** Every destination that is declared is in the table. */
export interface StaticHealth {
  /** Nobody takes destinations out. */
  by: "static";
}

/** ldirectord keeps the table: a destination is in the table while it is fit. */
export interface LdirectordHealth extends LdirectordCheckArgs, Omit<LdirectordCommonArgs, "checkInterval"> {
  /** ldirectord takes destinations out and puts them in. */
  by: "ldirectord";
  /**
   * Options for ldirectord as a whole: `checkInterval`, `fork`, `logFile`, ….
   * @default {}
   */
  globals?: LdirectordGlobalArgs;
  /**
   * The file of ldirectord's package, on the director or by URL: see {@link LdirectordArgs.packageFile}. No repository of
   * Rocky, Alma or CentOS has the package.
   * @default the host's repositories
   * @example "/root/ldirectord-4.12.0-1.el9.noarch.rpm"
   */
  packageFile?: pulumi.Input<string>;
}

/** keepalived keeps the table: a destination is in the table while it is fit. */
export interface KeepalivedHealth extends KeepalivedCheckingArgs {
  /** A keepalived of the cluster's own takes destinations out and puts them in. */
  by: "keepalived";
}

/** What a virtual service matches. */
export type ServiceMatch =
  | {
      /** The virtual address. */
      address: string;
      /** The port that clients connect to. */
      port: number;
      /**
       * The transport protocol.
       * @default "tcp"
       */
      protocol?: Protocol;
    }
  | {
      /** The firewall mark. */
      mark: number;
      /**
       * The family of the marked packets.
       * @default "ipv4"
       */
      family?: "ipv4" | "ipv6";
    };

/** A virtual service of a cluster, whoever keeps it. */
export interface ClusterService {
  /** What the service catches. */
  match: ServiceMatch;
  /** How packets reach the destinations. */
  forwarding: Forwarding;
  /** The destinations, by address and port. With a mark the port may be 0. */
  destinations: Record<string, DestinationArgs>;
  /**
   * How the director chooses among the destinations.
   * @default "wrr"
   */
  scheduler?: pulumi.Input<Scheduler>;
  /**
   * Flags of the scheduler (ipvsadm(8), `--sched-flags`).
   * @default none
   */
  schedulerFlags?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Keeps a client on one real server; `{}` with the defaults.
   * @default every connection is scheduled by itself
   */
  persistence?: pulumi.Input<PersistenceArgs>;
  /**
   * Schedules every packet by itself: UDP only.
   * @default false
   */
  onePacket?: pulumi.Input<boolean>;
}

/**
 * The same service as ldirectord has it: an entry of `Ldirectord`'s `virtuals`.
 *
 * @param service the virtual service, with fixed destinations
 * @param health how its destinations are checked
 * @returns one entry, by the key that ldirectord's services have
 * @example
 * ```ts
 * const service = { match: { mark: 99 }, forwarding: "dr", destinations: { "172.17.111.222:80": {} } } as const;
 * new Ldirectord("health", { host, virtuals: ldirectordVirtual(service, { by: "ldirectord", service: "http", request: "ok.html" }) });
 * ```
 * @throws ArgumentError where ldirectord cannot express the service
 */
export function ldirectordVirtual(
  service: ClusterService,
  health: LdirectordHealth,
): Record<string, LdirectordVirtualArgs> {
  const { match, forwarding, destinations, ...scheduling } = service;
  const { by: _, globals: __, packageFile: ___, ...checks } = health;
  refuse(`Service ${JSON.stringify(match)}`, inexpressible(match));
  const real = Object.entries(destinations).map(([key, to]) => [key, { forwarding, ...to }]);
  return { [serviceKey(match)]: { ...scheduling, ...checks, real: Object.fromEntries(real) } };
}

/**
 * The same service as keepalived has it: an entry of `KeepalivedChecks`' `virtuals`.
 *
 * @param service the virtual service, with fixed destinations
 * @param health how its destinations are checked
 * @returns one entry, by the key that keepalived's services have
 * @example
 * ```ts
 * const service = { match: { mark: 99 }, forwarding: "dr", destinations: { "172.17.111.222:80": {} } } as const;
 * new KeepalivedChecks("shop", { host, virtuals: keepalivedVirtual(service, { by: "keepalived", check: { type: "http" } }) });
 * ```
 */
export function keepalivedVirtual(
  service: ClusterService,
  health: KeepalivedHealth,
): Record<string, KeepalivedVirtualArgs> {
  const { match, forwarding, destinations, ...scheduling } = service;
  const { by: _, ...checking } = health;
  const real = Object.entries(destinations).map(([key, to]) => [key, { forwarding, ...to }]);
  return { [serviceKey(match)]: { ...scheduling, ...checking, real: Object.fromEntries(real) } };
}

/** A virtual address and a port as a service matches them. What is by default is left out. */
export function matchOf<Address>(address: Address, { port, protocol }: PortOf) {
  return { address, port, ...(protocol !== "tcp" && { protocol }) };
}

/** A service as health checkers call it. */
export function serviceKey(match: ServiceMatch): string {
  if ("mark" in match) return matchKey({ mark: match.mark, family: match.family ?? "ipv4" });
  const { address, port, protocol = "tcp" } = match;
  return matchKey({ protocol, address: normalAddress(address), port });
}

/** What an entry of ldirectord.cf has no form for. `Ldirectord` refuses everything else. */
function inexpressible(match: ServiceMatch): Problem[] {
  if (!("protocol" in match) || match.protocol !== "sctp") return [];
  return [{ property: "match.protocol", reason: 'ldirectord has no SCTP: choose health { by: "static" }' }];
}
