import type * as pulumi from "@pulumi/pulumi";
import { familyOf } from "pulumi-lvs-provider/model";
import { andThen } from "../arguments/later";
import type { FloatingAddressArgs } from "../keepalived/args";
import { Keepalived } from "../keepalived/keepalived";
import { ConnectionSync } from "../kinds/connection-sync";
import { Failover } from "../workflows/failover";
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
   * The first director's keepalived, once there is one. The others begin after it: the first director takes the addresses, and where
   * the cluster had one director, that one has the clients' connections.
   */
  readonly first?: Keepalived | undefined;
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
  { directors, failover, device, addresses, servers, first }: Floating,
  before: pulumi.Resource[],
): Keepalived {
  const after = first ? [...before, first] : before;
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

/** Judges that one director has the addresses, after all of them could take them. */
export function createFailover(
  parent: pulumi.Resource,
  name: string,
  { directors, addresses }: Floating,
  keepaliveds: readonly Keepalived[],
): Failover {
  return new Failover(
    `${name}-failover`,
    {
      instance: instanceOf(name),
      addresses: addresses.map(({ address }) => address),
      directors: directors.map(({ host }) => host),
      triggers: keepaliveds.map(({ instance }) => instance.configuration),
    },
    { parent, dependsOn: [...keepaliveds] },
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
