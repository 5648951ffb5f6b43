import type * as pulumi from "@pulumi/pulumi";
import { familyOf } from "pulumi-lvs-provider/model";
import { andThen } from "../arguments/later";
import type { FloatingAddressArgs } from "../keepalived/args";
import { ADVERT, ROUTER } from "../keepalived/config";
import { Keepalived } from "../keepalived/keepalived";
import { ConnectionSync } from "../kinds/connection-sync";
import type { DrainArgs } from "../kinds/virtual-service-args";
import { Failover } from "../workflows/failover";
import { Handover } from "../workflows/handover";
import { SharedDrains } from "../workflows/shared-drains";
import type { VrrpFailoverArgs } from "./director-args";
import type { ClusterHost } from "./directors";
import { fromAddress } from "./topology";

/** What floats between the directors of a cluster, and where. */
export interface Floating {
  readonly directors: readonly ClusterHost[];
  readonly failover: VrrpFailoverArgs;
  /** The interface by which the directors hear each other. */
  readonly device: string;
  readonly addresses: readonly FloatingAddressArgs[];
  /** The addresses of the real servers. */
  readonly servers: readonly pulumi.Input<string>[];
  /**
   * The first director's keepalived, once there is one. The others begin after it: where nobody has the addresses, the first one takes
   * them.
   */
  readonly first?: Keepalived | undefined;
  /** What comes before any director's keepalived. */
  readonly handover?: Handover | undefined;
}

/**
 * Lets directors that leave hand over, and those that join wait, before any director is told of it. A director that joins is prepared
 * first, and has keepalived's folder from the package.
 *
 * @param keepaliveds of all directors, once they are made: they depend on the handover
 */
export function createHandover(
  parent: pulumi.Resource,
  name: string,
  { directors, failover, device, addresses, keepaliveds }: Floating & { readonly keepaliveds: readonly Keepalived[] },
  { drain }: { readonly drain?: pulumi.Input<DrainArgs> | undefined },
  prepared: readonly pulumi.Resource[],
): Handover {
  const { routerId = ROUTER, advertInterval = ADVERT } = failover;
  const alike = { device, routerId, advertInterval };
  const dependsOn = Promise.resolve().then((): pulumi.Input<pulumi.Resource>[] => [
    ...prepared,
    ...keepaliveds.flatMap((one) => one.package ?? []),
  ]);
  const heard = directors.map(({ host }, at) => [host.name, { ...alike, address: failover.addresses[at] }]);
  return new Handover(
    `${name}-handover`,
    {
      instance: instanceOf(name),
      addresses: addresses.map(({ address }) => address),
      directors: directors.map(({ host }) => host),
      heard: Object.fromEntries(heard),
      ...(drain && { drain }),
    },
    { parent, dependsOn },
  );
}

/** How many real servers a director asks whether it is cut off. */
const ASKED = 4;

/** Of directors that begin at the same time, the first one takes the addresses. */
const [FIRST, PREFERRED] = [150, 200];

/** The instance's name. Only letters, digits, _ and - may be in it. */
export function instanceOf(name: string): string {
  return name.replace(/^-|[^\w-]/g, "_").slice(0, 61);
}

/** Lets a director hear of the others' connections, and tell of its own. */
export function createSync(
  parent: pulumi.Resource,
  name: string,
  { host, suffix }: ClusterHost,
  { failover, device }: Floating,
  after: pulumi.Resource,
): ConnectionSync | undefined {
  const { sync = true, syncId } = failover;
  if (!sync) return undefined;
  const [own] = failover.addresses as [pulumi.Input<string>];
  const declared = `${parent.constructor.name} "${name}"`;
  const family = fromAddress(declared, "failover.addresses[0]", own, familyOf);
  const group = andThen(family, (known) => (known === "ipv6" ? "ff02::81" : undefined));
  return new ConnectionSync(
    `${name}-sync${suffix}`,
    { host, device, group: group as pulumi.Output<string>, ...(syncId !== undefined && { syncId }) },
    { parent, dependsOn: after },
  );
}

/** Lets the addresses come to one of the directors. */
export function createKeepalived(
  parent: pulumi.Resource,
  name: string,
  at: number,
  { directors, failover, device, addresses, servers, first, handover }: Floating,
  before: pulumi.Resource[],
): Keepalived {
  const after = [...before, first, handover].filter((it) => it !== undefined);
  const { host, suffix } = directors[at] as ClusterHost;
  const { routerId, advertInterval, preferred, preferredDelay, main } = failover;
  const peers = failover.addresses.filter((_, other) => other !== at);
  const reach = failover.reach ?? [[...peers, ...servers.slice(0, ASKED)]];
  return new Keepalived(
    `${name}-keepalived${suffix}`,
    {
      ...{ host, instance: instanceOf(name), device, peers, addresses: [...addresses], reach, after },
      source: failover.addresses[at] as pulumi.Input<string>,
      priority: host === preferred ? PREFERRED : FIRST - Math.min(at, 100),
      preempt: host === preferred,
      ...(host === preferred && preferredDelay !== undefined && { preemptDelay: preferredDelay }),
      ...(routerId !== undefined && { routerId }),
      ...(advertInterval !== undefined && { advertInterval }),
      ...(main !== undefined && { main }),
    },
    { parent },
  );
}

/**
 * Judges that one director has the addresses, after all of them could take them. Where the cluster has one director again, it hands over
 * to that one, and is deleted before anybody's table.
 */
export function createFailover(
  parent: pulumi.Resource,
  name: string,
  { directors, addresses, handover }: Floating,
  keepaliveds: readonly Keepalived[],
  tables: readonly pulumi.Resource[],
): Failover {
  return new Failover(
    `${name}-failover`,
    {
      instance: instanceOf(name),
      addresses: addresses.map(({ address }) => address),
      directors: directors.map(({ host }) => host),
      triggers: [...keepaliveds.map(({ instance }) => instance.configuration), ...(handover ? [handover.since] : [])],
    },
    { parent, dependsOn: [...keepaliveds, ...tables] },
  );
}

/** Lets each director know what operators have drained; undefined where there is one director. */
export function createSharedDrains(
  parent: pulumi.Resource,
  name: string,
  { hosts, vip }: { readonly hosts: readonly ClusterHost[]; readonly vip: pulumi.Input<string> },
  dependsOn: pulumi.Resource[],
): SharedDrains | undefined {
  if (hosts.length < 2) return undefined;
  const directors = hosts.map(({ host }) => host);
  return new SharedDrains(`${name}-drains`, { site: name, vips: [vip], directors }, { parent, dependsOn });
}
