import { hostFacts } from "../advice/advise";
import { plain } from "../arguments/plain";
import type { Host } from "../host/host";
import type { DirectorsArgs, EcmpFailoverArgs, VrrpFailoverArgs } from "./director-args";
import type { FailoverTopology } from "./failover-topology";

/** A director of a cluster, and what tells the names of its resources from those of the others. */
export interface ClusterHost {
  readonly host: Host;
  /** Nothing where the cluster has one `director`: states of before show no difference. */
  readonly suffix: string;
}

/** Who directs. */
export function directorsOf({
  director,
  directors,
}: DirectorsArgs<VrrpFailoverArgs | EcmpFailoverArgs>): ClusterHost[] {
  if (directors) return directors.map((host) => ({ host, suffix: `-${host.name}` }));
  return director ? [{ host: director, suffix: "" }] : [];
}

/** Who directs, for the rules of `failoverProblems`. */
export function directorsKnown({
  director,
  directors,
  failover,
}: DirectorsArgs<VrrpFailoverArgs | EcmpFailoverArgs>): Omit<FailoverTopology, "vip" | "others"> {
  return {
    director: director?.name,
    directors: directors?.map(({ name }) => name),
    reachedBy: directors?.map((host) => hostFacts(host).address),
    failover:
      failover?.by === "ecmp"
        ? "ecmp"
        : failover && {
            addresses: failover.addresses.map(plain),
            routerId: failover.routerId,
            advertInterval: failover.advertInterval,
            sync: failover.sync,
            syncId: failover.syncId,
            preferred: failover.preferred?.name,
            preferredDelay: failover.preferredDelay,
            reach: failover.reach?.map((list) => list.map(plain)),
          },
  };
}
