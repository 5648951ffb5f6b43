import type * as pulumi from "@pulumi/pulumi";
import { schedulingRules } from "../advice/scheduling-rules";
import type { AdviceArgs, AdviceHints } from "../arguments/advice-args";
import { isKnown } from "../arguments/known";
import { later } from "../arguments/later";
import type { Host } from "../host/host";
import type { DrainArgs } from "../kinds/virtual-service-args";
import { Ldirectord } from "../ldirectord/ldirectord";
import type { LdirectordVirtualArgs } from "../ldirectord/virtual-args";
import { type ClusterService, type LdirectordHealth, ldirectordVirtual } from "./health";
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

interface Checks {
  /** The cluster: `NatCluster "shop"`. */
  readonly declared: string;
  readonly host: Host;
  readonly health: LdirectordHealth;
  readonly drain: pulumi.Input<DrainArgs> | undefined;
  readonly site: SiteArgs;
  readonly services: (site: Site) => ClusterService[];
  /** What must exist before clients are sent to the servers. */
  readonly after: pulumi.Resource[];
  readonly advice: AdviceArgs | undefined;
  /** What `up` has to know for its advice. */
  readonly hints: AdviceHints;
}

/**
 * Lets ldirectord keep the services of a cluster. What ldirectord cannot express is refused before anything is
 * registered, as far as the program knows the site by then.
 */
export function clusterChecks(name: string, checks: Checks, parent: pulumi.Resource): Ldirectord {
  const { declared, host, health, drain, site, services, after, advice, hints } = checks;
  const virtuals = (known: Site): Record<string, LdirectordVirtualArgs> =>
    Object.assign({}, ...services(known).map((service) => ldirectordVirtual(service, health)));
  const made = isKnown(site)
    ? virtuals(site as Site)
    : later(declared, site, siteProblems, (known) => virtuals(known as Site));
  const { globals } = health;
  // The cluster has judged the scheduling itself.
  const ignore = [...(advice?.ignore ?? []), ...schedulingRules.map((rule) => rule.name)];
  const args = { host, drain, virtuals: made, after, advice: { ignore, ...hints }, ...(globals && { globals }) };
  return new Ldirectord(name, args, { parent });
}
