import {
  familyOf,
  isAddress,
  isSameAddress,
  isWithin,
  type Problem,
  ROUTER_ID,
  SYNC_ID,
  whyNot,
} from "pulumi-lvs-provider/model";
import { problem, repeated } from "../arguments/problem";
import { NO_ADVERT, PREEMPT_DELAY } from "../keepalived/problems";
import { addressProblem } from "./topology";

/** The directors of a cluster as far as the program knows them now. A value that comes later is undefined. */
export interface FailoverTopology {
  /** The name of the host in `director`. */
  readonly director: string | undefined;
  /** The names of the hosts in `directors`. */
  readonly directors: readonly string[] | undefined;
  /** The addresses by which the program reaches `directors`; undefined where one comes later, or is somebody else's. */
  readonly reachedBy?: readonly (string | undefined)[] | undefined;
  readonly failover:
    | {
        readonly addresses: readonly (string | undefined)[];
        readonly routerId?: number | undefined;
        readonly advertInterval?: number | undefined;
        readonly sync?: boolean | undefined;
        readonly syncId?: number | undefined;
        readonly preferred?: string | undefined;
        readonly preferredDelay?: number | undefined;
        readonly reach?: readonly (readonly (string | undefined)[])[] | undefined;
      }
    | "ecmp"
    | undefined;
  readonly vip: string | undefined;
  /** Addresses that no director may have for its own: property and address. */
  readonly others: readonly (readonly [what: string, address: string | undefined])[];
}

/** Every problem of who directs. */
export function failoverProblems(topology: FailoverTopology): Problem[] {
  const { director, directors, failover } = topology;
  if (director !== undefined && directors !== undefined)
    return problem("directors", "stands in the place of director: leave one of the two out");
  if (directors === undefined && director === undefined)
    return problem(
      "director",
      'is missing: a Host is needed, or several in directors. Give what new Host("…", { address: … }) has made',
    );
  const hosts = directors ?? [director as string];
  if (hosts.length === 0) return problem("directors", "is empty: give at least one director");
  const twice = repeated(hosts).flatMap(([at, first]) =>
    problem(`directors[${at}]`, `the host ${hosts[at]} is declared twice (directors[${first}] too). Leave one out`),
  );
  if (twice.length > 0) return twice;
  if (hosts.length === 1)
    return failover ? problem("failover", "one director has nobody to stand in for it: declare several directors") : [];
  if (!failover)
    return problem(
      "failover",
      'is missing: with several directors, say how they stand in for each other, as { by: "vrrp", addresses: […] }',
    );
  // The announcement has rules of its own: `ecmpProblems`.
  return failover === "ecmp" ? [] : vrrpProblems(topology, hosts, failover);
}

function vrrpProblems(
  { vip, others, reachedBy = [] }: FailoverTopology,
  hosts: readonly string[],
  {
    addresses,
    routerId,
    advertInterval = 0.25,
    sync = true,
    syncId,
    preferred,
    preferredDelay,
    reach = [],
  }: Exclude<FailoverTopology["failover"], "ecmp" | undefined>,
): Problem[] {
  const inFailover = (property: string, reason: string | false | undefined) => problem(`failover.${property}`, reason);
  const wrongId = routerId === undefined ? undefined : whyNot(routerId, ROUTER_ID);
  const hundredths = Number((advertInterval * 100).toFixed(6));
  return [
    ...inFailover("routerId", wrongId),
    ...inFailover("advertInterval", !isWithin(hundredths, { least: 1, most: 4095 }) && NO_ADVERT),
    ...inFailover(
      "syncId",
      syncId !== undefined &&
        (sync ? whyNot(syncId, SYNC_ID) : "is for a cluster that declares the sync: leave it out, or sync: false"),
    ),
    ...inFailover(
      "preferred",
      preferred !== undefined &&
        !hosts.includes(preferred) &&
        `${preferred} is none of the directors: name one of them`,
    ),
    ...inFailover(
      "preferredDelay",
      preferredDelay !== undefined &&
        (preferred === undefined
          ? "is for preferred: name the director, or leave it out"
          : !isWithin(preferredDelay, PREEMPT_DELAY) && "give a whole number of seconds, 0 to 1000"),
    ),
    ...inFailover(
      "addresses",
      addresses.length !== hosts.length &&
        `has ${addresses.length} addresses for ${hosts.length} directors: give each director's own, in their order`,
    ),
    ...reach.flatMap((list, n) => [
      ...inFailover(`reach[${n}]`, list.length === 0 && "is empty: nobody could answer. Leave it out"),
      ...list.flatMap((address, m) => addressProblem(`failover.reach[${n}][${m}]`, address) ?? []),
    ]),
    ...addresses.flatMap((address, n) =>
      ownAddress(`failover.addresses[${n}]`, address, n, { addresses, hosts, reachedBy, vip, others }),
    ),
  ];
}

function ownAddress(
  property: string,
  address: string | undefined,
  at: number,
  {
    addresses,
    hosts,
    reachedBy,
    vip,
    others,
  }: Pick<FailoverTopology, "vip" | "others"> & {
    readonly addresses: readonly (string | undefined)[];
    readonly hosts: readonly string[];
    readonly reachedBy: readonly (string | undefined)[];
  },
): Problem[] {
  const malformed = addressProblem(property, address);
  if (malformed) return [malformed];
  if (address === undefined) return [];
  const same = (other: string | undefined) => other !== undefined && isAddress(other) && isSameAddress(other, address);
  if (vip && isAddress(vip) && familyOf(vip) !== familyOf(address))
    return [{ property, reason: `${address} is of another address family than the VIP ${vip}: VRRP has one for all` }];
  if (addresses.slice(0, at).some(same))
    return [{ property, reason: `${address} is another director's as well: give each its own` }];
  const theirs = reachedBy.findIndex(same);
  if (theirs >= 0 && theirs !== at && !same(reachedBy[at]))
    return [
      {
        property,
        reason: `${address} is the address of ${hosts[theirs]}, and ${hosts[at]} is at this place: give the addresses in the order of directors`,
      },
    ];
  const [taken] = [["the VIP", vip] as const, ...others].filter(([, other]) => same(other));
  return taken ? [{ property, reason: `${address} is ${taken[0]}: give the director's own address` }] : [];
}
