import type * as pulumi from "@pulumi/pulumi";
import type { AdviceArgs, AdviceHints } from "../arguments/advice-args";
import type { Host } from "../host/host";
import type { DrainArgs } from "../kinds/virtual-service-args";
import type { LdirectordGlobalArgs } from "./global-args";
import type { LdirectordVirtualArgs } from "./virtual-args";

/** The arguments of `Ldirectord`. */
export interface LdirectordArgs {
  /** The director. Declare one `Ldirectord` a host: it keeps all virtual services that are checked there. */
  host: Host;
  /**
   * The virtual services, by match: address and port, followed by `/udp` for UDP; or a firewall mark, followed by
   * `/ipv6` for IPv6.
   * @example { "172.17.111.111:80": { real: { "172.17.111.222:80": { forwarding: "dr" } }, request: "ok.html", receive: "OK" } }
   */
  virtuals: pulumi.Input<Record<string, LdirectordVirtualArgs>>;
  /**
   * Options for all of the services.
   * @default {}
   */
  globals?: LdirectordGlobalArgs;
  /**
   * The file of ldirectord's package, as for `Package`. No repository of Rocky, Alma or CentOS has the package.
   * ClusterLabs' resource-agents build it.
   * @default the host's repositories
   * @example "/root/ldirectord-4.12.0-1.el9.noarch.rpm"
   */
  packageFile?: pulumi.Input<string>;
  /**
   * Whether ldirectord and ipvsadm are installed. Otherwise both must be there already.
   * @default true
   */
  install?: boolean;
  /**
   * How connections end when a real server is no longer declared.
   * @default { timeout: 300, onTimeout: "fail" }
   */
  drain?: pulumi.Input<DrainArgs>;
  /**
   * What must exist before ldirectord sends clients to real servers. The installation of packages does not wait for it.
   * @default nothing
   */
  after?: pulumi.Resource[];
  /**
   * Which warnings about the services are not told.
   * @default all are told
   * @example { ignore: ["check-timeout"] }
   */
  advice?: AdviceArgs & AdviceHints;
}
