import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "pulumi-lvs-provider/model";
import { isKnown, withoutUndefined } from "../arguments/known";
import { plain } from "../arguments/plain";
import { problem, repeated } from "../arguments/problem";
import { Bird } from "../bird/bird";
import { announcementName } from "../bird/config";
import { birdProblems } from "../bird/problems";
import type { EcmpFailoverArgs } from "./director-args";
import type { ClusterHost } from "./directors";
import type { DrClusterArgs } from "./dr-args";
import type { Health } from "./health";

/** Directors that serve at the same time choose alike: a client that a router moves keeps its server. */
export const CONSISTENT = { scheduler: "mh", schedulerFlags: ["mh-fallback", "mh-port"] } as const;

/** The failover of a cluster whose directors serve at the same time. */
export function ecmpOf({ failover }: Pick<DrClusterArgs, "failover">): EcmpFailoverArgs | undefined {
  return failover?.by === "ecmp" ? failover : undefined;
}

/** What cannot be where directors serve at the same time. */
export function ecmpProblems(args: DrClusterArgs): Problem[] {
  const ecmp = ecmpOf(args);
  if (!ecmp) return [];
  const scheduler = plain(args.scheduler);
  const { asn, neighbours, routerIds } = ecmp;
  const directors = args.directors ?? [];
  return [
    ...problem(
      "scheduler",
      scheduler !== undefined &&
        scheduler !== CONSISTENT.scheduler &&
        `${scheduler} chooses on each director by itself, and a client that a router moves would get another server. Leave it out: mh chooses alike on all`,
    ),
    ...problem(
      "persistence",
      args.persistence !== undefined &&
        "each director would remember clients of its own, and a router may move a client to another one. Leave it out",
    ),
    ...problem(
      "health",
      args.health?.by === "ldirectord" &&
        'ldirectord has no way to give mh its flags. Choose health: { by: "keepalived" }, or leave it out',
    ),
    ...problem(
      "health.inhibitOnFailure",
      args.health?.by === "keepalived" &&
        args.health.inhibitOnFailure === false &&
        "directors would choose unlike while one of them has a server in its table and another one has not. Leave it out: a " +
          "server that fails stays there with weight 0",
    ),
    ...problem(
      "failover.routerIds",
      routerIds !== undefined &&
        routerIds.length !== directors.length &&
        `has ${routerIds.length} numbers for ${directors.length} directors: give each director's own, in their order`,
    ),
    ...repeated(routerIds ?? []).flatMap(([at]) =>
      problem(`failover.routerIds[${at}]`, `${routerIds?.[at]} is another director's as well: give each its own`),
    ),
    ...(routerIds ?? [undefined]).flatMap((routerId, at) =>
      announcing({ asn, neighbours, vip: args.vip, routerId }, at),
    ),
  ];
}

function announcing(
  {
    vip,
    ...bgp
  }: Pick<EcmpFailoverArgs, "asn" | "neighbours"> & Pick<DrClusterArgs, "vip"> & { routerId: string | undefined },
  at: number,
): Problem[] {
  const given = { ...bgp, name: "vip", addresses: [vip] };
  if (!isKnown(given)) return [];
  return birdProblems(withoutUndefined(given) as Parameters<typeof birdProblems>[0]).flatMap(({ property, reason }) => {
    if (property.startsWith("addresses")) return [];
    if (property === "routerId") return [{ property: `failover.routerIds[${at}]`, reason }];
    return at === 0 ? [{ property: `failover.${property}`, reason }] : [];
  });
}

/**
 * The checks of directors that choose alike. A server that fails stays in the table with weight 0: mh then keeps its place, and lets
 * each director find the same other server for its clients, whenever the director has noticed.
 */
export function alikeHealth<Checks extends Health>(health: Checks, ecmp: EcmpFailoverArgs | undefined): Checks {
  return ecmp && health.by === "keepalived" ? { ...health, inhibitOnFailure: true } : health;
}

/** What a director announces. */
interface Announced {
  readonly vip: pulumi.Input<string>;
  readonly ecmp: EcmpFailoverArgs;
  /** The service without whose real servers the director is no way to the VIP. */
  readonly service: pulumi.Input<string> | undefined;
  /** What is there before the announcement. */
  readonly after: pulumi.Resource[];
}

/** The routers hear of a director when everything else is there, and first that it goes. */
export function createBird(
  parent: pulumi.Resource,
  name: string,
  { host, suffix }: ClusterHost,
  at: number,
  { vip, ecmp: { asn, neighbours, routerIds, main }, service, after }: Announced,
): Bird {
  const routerId = routerIds?.[at];
  const more = {
    ...(routerId !== undefined && { routerId }),
    ...(main !== undefined && { main }),
    ...(service !== undefined && { services: [service] }),
  };
  return new Bird(
    `${name}-bird${suffix}`,
    { host, announcement: announcementName(name), asn, neighbours, addresses: [vip], after, ...more },
    { parent },
  );
}
