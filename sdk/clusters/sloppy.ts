import type * as pulumi from "@pulumi/pulumi";
import { type PortOf, portsByProtocol, type Scheduler } from "pulumi-lvs-provider/model";
import { plain } from "../arguments/plain";
import { Sysctl } from "../kinds/sysctl";
import type { ClusterHost } from "./directors";

/** Schedulers that find a client's server without a memory. */
const BY_HASH: readonly (Scheduler | undefined)[] = ["sh", "mh", "dh"];

/** What says how directors choose a server. */
interface Choosing {
  readonly persistence?: unknown;
  readonly scheduler: pulumi.Input<Scheduler>;
  /** Directors that serve at the same time choose alike in any case. */
  readonly ecmp?: unknown;
  readonly ports: readonly PortOf[];
}

/**
 * Where every director finds the same server for a client, one that takes over takes a connection of which it has not heard: IPVS lets
 * it in in its middle. Where each director chooses by itself, such a connection would get a server that does not know it.
 */
export function createSloppy(
  parent: pulumi.Resource,
  name: string,
  { host, suffix }: ClusterHost,
  { persistence, scheduler, ecmp, ports }: Choosing,
  dependsOn: pulumi.Resource,
): Sysctl[] {
  if (!ecmp && persistence === undefined && !BY_HASH.includes(plain(scheduler))) return [];
  // UDP has no beginning.
  const protocols = (["tcp", "sctp"] as const).filter((protocol) => portsByProtocol(ports).has(protocol));
  return protocols.map((protocol) => {
    const setting = { host, key: `net.ipv4.vs.sloppy_${protocol}`, value: 1 };
    return new Sysctl(`${name}-sloppy_${protocol}${suffix}`, setting, { parent, dependsOn });
  });
}
