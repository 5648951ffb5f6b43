import type * as pulumi from "@pulumi/pulumi";
import { schedulingRules } from "../advice/scheduling-rules";
import type { AdviceArgs, AdviceHints } from "../arguments/advice-args";
import { isKnown } from "../arguments/known";
import { later } from "../arguments/later";
import type { Host } from "../host/host";
import { KeepalivedChecks } from "../keepalived/keepalived-checks";
import type { DrainArgs } from "../kinds/virtual-service-args";
import { Ldirectord } from "../ldirectord/ldirectord";
import { instanceOf } from "./failover";
import {
  type ClusterService,
  type KeepalivedHealth,
  keepalivedVirtual,
  type LdirectordHealth,
  ldirectordVirtual,
} from "./health";
import { siteProblems } from "./topology";

/** The part of a cluster that its services depend on. The program may know some values only later. */
interface SiteArgs {
  readonly vip: pulumi.Input<string>;
  readonly servers: readonly {
    readonly address: pulumi.Input<string>;
    readonly port?: pulumi.Input<number> | undefined;
    readonly weight?: pulumi.Input<number> | undefined;
  }[];
}

/** The same part of a cluster, with every value known. */
export interface Site {
  readonly vip: string;
  readonly servers: readonly {
    readonly address: string;
    readonly port?: number | undefined;
    readonly weight?: number | undefined;
  }[];
}

/** Who checks the real servers, and what must exist before clients are sent to them. */
export interface Checking {
  readonly health: LdirectordHealth | KeepalivedHealth;
  readonly after: pulumi.Resource[];
}

interface Checks extends Checking {
  /** The cluster: `NatCluster "shop"`. */
  readonly declared: string;
  /** The cluster's own name. */
  readonly cluster: string;
  readonly host: Host;
  readonly drain: pulumi.Input<DrainArgs> | undefined;
  readonly site: SiteArgs;
  readonly services: (site: Site) => ClusterService[];
  readonly advice: AdviceArgs | undefined;
  /** What `up` has to know for its advice. */
  readonly hints: AdviceHints;
}

/** Who checks the real servers of a cluster. */
export type ClusterChecks = Ldirectord | KeepalivedChecks;

/**
 * Lets a health checker keep the services of a cluster. What the checker cannot express is refused before anything is
 * registered, as far as the program knows the site by then.
 */
export function clusterChecks(name: string, checks: Checks, parent: pulumi.Resource): ClusterChecks {
  const { cluster, host, health, drain, after, advice, hints } = checks;
  // The cluster has judged the scheduling itself.
  const ignore = [...(advice?.ignore ?? []), ...schedulingRules.map((rule) => rule.name)];
  const common = { host, drain, after, advice: { ignore, ...hints } };
  if (health.by === "keepalived") {
    const virtuals = virtualsOf(checks, (service) => keepalivedVirtual(service, health));
    return new KeepalivedChecks(name, { ...common, site: instanceOf(cluster), virtuals }, { parent });
  }
  const { globals, packageFile } = health;
  const virtuals = virtualsOf(checks, (service) => ldirectordVirtual(service, health));
  const options = { ...(globals && { globals }), ...(packageFile !== undefined && { packageFile }) };
  return new Ldirectord(name, { ...common, virtuals, ...options }, { parent });
}

/** The services by match, as a checker has them. */
function virtualsOf<Virtual>(
  { declared, site, services }: Checks,
  as: (service: ClusterService) => Record<string, Virtual>,
): pulumi.Input<Record<string, Virtual>> {
  const all = (known: Site): Record<string, Virtual> => Object.assign({}, ...services(known).map(as));
  return isKnown(site) ? all(site as Site) : later(declared, site, siteProblems, (known) => all(known as Site));
}
