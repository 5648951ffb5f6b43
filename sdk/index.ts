export { ArgumentError, type Problem } from "./argument-error";
export { ArpSettings, type ArpSettingsArgs } from "./arp-settings";
export { Director, type DirectorArgs, type DirectorVipArgs, type OutgoingArgs } from "./director";
export { DrCluster, type DrClusterArgs, type DrClusterServerArgs } from "./dr-cluster";
export {
  type ApplicationArgs,
  EcommerceSite,
  type EcommerceSiteArgs,
  type LocalState,
  type SharedState,
  type SiteState,
} from "./ecommerce-site";
export { File, type FileArgs } from "./file";
export { FirewallMark, type FirewallMarkArgs } from "./firewall-mark";
export {
  type ClusterService,
  type Health,
  type LdirectordHealth,
  ldirectordVirtual,
  type ServiceMatch,
  type StaticHealth,
} from "./health";
export {
  type CheckedDestinationArgs,
  type CheckedServiceArgs,
  HealthChecks,
  type HealthChecksArgs,
  type ServerHealth,
} from "./health-checks";
export { Host, type HostArgs, type HostCommandArgs } from "./host";
export { type Forwarding, type Protocol, type Scheduler, schedulers } from "./ipvs";
export { IpvsTimeouts, type IpvsTimeoutsArgs } from "./ipvs-timeouts";
export { KernelModule, type KernelModuleArgs } from "./kernel-module";
export { Ldirectord, type LdirectordArgs } from "./ldirectord";
export type * from "./ldirectord-args";
export { Link, type LinkArgs } from "./link";
export { Masquerade, type MasqueradeArgs } from "./masquerade";
export {
  NatCluster,
  type NatClusterArgs,
  type NatClusterCommonArgs,
  type NatClusterServerArgs,
  type OneArmArgs,
  type TwoArmArgs,
} from "./nat-cluster";
export { Package, type PackageArgs } from "./package";
export { Password, type PasswordArgs } from "./password";
export { Postgresql, type PostgresqlArgs } from "./postgresql";
export { PostgresqlDatabase, type PostgresqlDatabaseArgs } from "./postgresql-database";
export { PostgresqlRole, type PostgresqlRoleArgs } from "./postgresql-role";
export {
  type DrRealServerArgs,
  type NatRealServerArgs,
  RealServer,
  type RealServerArgs,
  type TunRealServerArgs,
} from "./real-server";
export { type ArtefactArgs, Release, type ReleaseArgs } from "./release";
export { HostResource, type HostResourceArgs, LvsResource } from "./resource";
export {
  type ReadyArgs,
  Rollout,
  type RolloutArgs,
  type RolloutDirectorArgs,
  type RolloutServerArgs,
} from "./rollout";
export { Route, type RouteArgs } from "./route";
export { Sysctl, type SysctlArgs } from "./sysctl";
export { SystemUser, type SystemUserArgs } from "./system-user";
export { SystemdService, type SystemdServiceArgs } from "./systemd-service";
export { TlsCertificate, type TlsCertificateArgs } from "./tls-certificate";
export { TrafficCheck, type TrafficCheckArgs } from "./traffic-check";
export type { ArpExpectation, TrafficExpectation } from "./traffic-expectation";
export { VipAlias, type VipAliasArgs } from "./vip-alias";
export {
  type Destination,
  type DestinationArgs,
  type DrainArgs,
  type MarkMatchArgs,
  type PersistenceArgs,
  type PortMatchArgs,
  type Tunnel,
  VirtualService,
  type VirtualServiceArgs,
  type VirtualServiceCommonArgs,
} from "./virtual-service";
export { type CertificateArgs, type WebApplicationArgs, WebSite, type WebSiteArgs } from "./web-site";
