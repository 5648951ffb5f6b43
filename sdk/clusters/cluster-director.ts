import type { Bird } from "../bird/bird";
import type { Keepalived } from "../keepalived/keepalived";
import type { ConnectionSync } from "../kinds/connection-sync";
import type { FirewallMark } from "../kinds/firewall-mark";
import type { VirtualService } from "../kinds/virtual-service";
import type { ClusterChecks } from "./cluster-checks";
import type { Director } from "./director";

/** What one director of a cluster has. */
export interface ClusterDirector {
  /** The packages, the kernel's IPVS, and what the forwarding needs. */
  readonly director: Director;
  /** The virtual services, where the table is static; empty where a health checker keeps it. */
  readonly services: readonly VirtualService[];
  /** ldirectord or keepalived, where it keeps the table. */
  readonly checks: ClusterChecks | undefined;
  /** `DrCluster` alone: the rule that marks packets of TCP. */
  readonly mark: FirewallMark | undefined;
  /** The rules that mark packets, one a protocol: TCP's first. */
  readonly marks: readonly FirewallMark[];
  /** Several directors: the instance of VRRP, by which the VIP comes and goes. */
  readonly keepalived: Keepalived | undefined;
  /** Several directors that serve at the same time: what announces the VIP to the routers. */
  readonly bird?: Bird | undefined;
  /** Several directors: what the others are told of connections. */
  readonly sync: ConnectionSync | undefined;
}
