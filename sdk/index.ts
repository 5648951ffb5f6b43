/**
 * A Linux Virtual Server site as code: what a program declares. Begin with {@link Host}, then a cluster
 * ({@link NatCluster}, {@link DrCluster}) and what its real servers serve ({@link WebSite}, {@link EcommerceSite}).
 *
 * @categoryDescription Clusters
 * A director with its real servers: the whole of it, or one side.
 *
 * @categoryDescription Sites
 * What real servers serve: nginx, an application with its releases, a database.
 *
 * @categoryDescription Kinds
 * One thing on one host. Each is looked at, changed where it differs, and looked at again. Clusters and sites are made of
 * these, and a program may declare any by itself.
 *
 * @categoryDescription Bird
 * BGP: addresses that several directors announce at once.
 *
 * @categoryDescription Keepalived
 * VRRP: addresses that float between directors.
 *
 * @categoryDescription Ldirectord
 * Health checks: real servers that fail them leave the table.
 *
 * @categoryDescription Metrics
 * What Prometheus and Grafana see of a site.
 *
 * @categoryDescription Workflows
 * What happens during `pulumi up` over several hosts, and is no state of one: a rollout, a check of the traffic.
 *
 * @categoryDescription Values
 * What is made once and kept in the stack's state: a certificate, a password.
 *
 * @categoryDescription Host
 * How a host is reached, and what all resources on it have.
 *
 * @categoryDescription Arguments
 * What a program is told where it declares something that cannot be.
 *
 * @categoryDescription Model
 * The field's words: protocols, schedulers, forwarding.
 *
 * @module pulumi-lvs
 */

export {
  type AdviceName,
  type Forwarding,
  type Protocol,
  type Scheduler,
  type ServedPort,
  schedulers,
} from "pulumi-lvs-provider/model";
export type { AdviceArgs, AdviceHints } from "./arguments/advice-args";
export { ArgumentError, type Problem } from "./arguments/argument-error";
export type * from "./bird/args";
export { Bird } from "./bird/bird";
export { ArpSettings } from "./clusters/arp-settings";
export type { ClusterChecks } from "./clusters/cluster-checks";
export type * from "./clusters/cluster-director";
export { Director } from "./clusters/director";
export type * from "./clusters/director-args";
export type * from "./clusters/dr-args";
export { DrCluster } from "./clusters/dr-cluster";
export {
  type ClusterService,
  type Health,
  type KeepalivedHealth,
  keepalivedVirtual,
  type LdirectordHealth,
  ldirectordVirtual,
  type ServiceMatch,
  type StaticHealth,
} from "./clusters/health";
export type * from "./clusters/nat-args";
export { NatCluster } from "./clusters/nat-cluster";
export type * from "./clusters/parts-args";
export { RealServer } from "./clusters/real-server";
export { Host, type HostArgs, type SudoPassword } from "./host/host";
export type { HostCommand, HostCommandArgs } from "./host/host-command";
export { HostResource, type HostResourceArgs, LvsResource } from "./host/resource";
export type { SshArgs } from "./host/ssh-args";
export type * from "./keepalived/args";
export type * from "./keepalived/checks-args";
export { Keepalived } from "./keepalived/keepalived";
export { KeepalivedChecks } from "./keepalived/keepalived-checks";
export { BgpAnnouncement, type BgpAnnouncementArgs, type BgpSession } from "./kinds/bgp-announcement";
export { ConnectionSync, type ConnectionSyncArgs } from "./kinds/connection-sync";
export { File, type FileArgs } from "./kinds/file";
export { FirewallMark, type FirewallMarkArgs } from "./kinds/firewall-mark";
export { FirewallRule, type FirewallRuleArgs, type LetInProtocol } from "./kinds/firewall-rule";
export { ForwardRule, type ForwardRuleArgs } from "./kinds/forward-rule";
export {
  type CheckedDestinationArgs,
  type CheckedServiceArgs,
  HealthChecks,
  type HealthChecksArgs,
  type ServerHealth,
} from "./kinds/health-checks";
export { IpvsTimeouts, type IpvsTimeoutsArgs } from "./kinds/ipvs-timeouts";
export { KernelModule, type KernelModuleArgs } from "./kinds/kernel-module";
export { Link, type LinkArgs } from "./kinds/link";
export { LinkMtu, type LinkMtuArgs } from "./kinds/link-mtu";
export { Masquerade, type MasqueradeArgs } from "./kinds/masquerade";
export { Package, type PackageArgs } from "./kinds/package";
export { PostgresqlDatabase, type PostgresqlDatabaseArgs } from "./kinds/postgresql-database";
export { PostgresqlRole, type PostgresqlRoleArgs } from "./kinds/postgresql-role";
export { type ArtefactArgs, type BehindArgs, Release, type ReleaseArgs } from "./kinds/release";
export { Route, type RouteArgs } from "./kinds/route";
export { RoutingRule, type RoutingRuleArgs } from "./kinds/routing-rule";
export { Sysctl, type SysctlArgs } from "./kinds/sysctl";
export { Sysctls, type SysctlsArgs } from "./kinds/sysctls";
export { SystemUser, type SystemUserArgs } from "./kinds/system-user";
export { SystemdService, type SystemdServiceArgs } from "./kinds/systemd-service";
export { VipAlias, type VipAliasArgs } from "./kinds/vip-alias";
export { VirtualService } from "./kinds/virtual-service";
export type * from "./kinds/virtual-service-args";
export { VrrpInstance, type VrrpInstanceArgs } from "./kinds/vrrp-instance";
export type * from "./ldirectord/check-args";
export type * from "./ldirectord/global-args";
export { Ldirectord } from "./ldirectord/ldirectord";
export type * from "./ldirectord/ldirectord-args";
export type * from "./ldirectord/virtual-args";
export type * from "./metrics/args";
export { Metrics } from "./metrics/metrics";
export type { ApplicationArgs, EcommerceSiteArgs, LocalState, SharedState, SiteState } from "./sites/ecommerce-args";
export { EcommerceSite } from "./sites/ecommerce-site";
export { Postgresql } from "./sites/postgresql";
export type * from "./sites/postgresql-args";
export { WebSite } from "./sites/web-site";
export type * from "./sites/web-site-args";
export { Password, type PasswordArgs } from "./values/password";
export { TlsCertificate, type TlsCertificateArgs } from "./values/tls-certificate";
export { type DirectorState, Failover, type FailoverArgs } from "./workflows/failover";
export { Handover, type HandoverArgs, type HeardArgs } from "./workflows/handover";
export {
  type ReadyArgs,
  Rollout,
  type RolloutArgs,
  type RolloutDirectorArgs,
  type RolloutServerArgs,
  type RolloutTurns,
} from "./workflows/rollout";
export { SharedDrains, type SharedDrainsArgs } from "./workflows/shared-drains";
export { type DrainsArgs, TrafficCheck, type TrafficCheckArgs } from "./workflows/traffic-check";
export type {
  ArpExpectation,
  FailoverExpectation,
  FailoverSeen,
  TrafficExpectation,
} from "./workflows/traffic-expectation";
