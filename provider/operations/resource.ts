import { type DeclaredHost, declaredHost } from "../host/declared";
import { declared } from "../model";
import type { Props } from "../pulumi/handler";

/** A resource of this package as a stack's state has it. */
export interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly id: string;
  /** The types of the resource's parents, the outermost first. */
  readonly parents: readonly string[];
  /** What the program declared when it was applied last. */
  readonly inputs: Props;
  /** What was seen last. */
  readonly state: Props;
}

/** Seconds that an operator waits for a host, however long `ready` is: an `up` waits for machines that boot, nobody else. */
const PATIENCE = 20;

/** The host of the resource, with the connection that the state has; undefined of what is on no host. */
export function hostOf({ inputs }: Resource): DeclaredHost | undefined {
  const { host } = inputs;
  const known = host !== null && typeof host === "object" ? declared(declaredHost, host as Props).want : undefined;
  return known && operated(known);
}

function operated(host: DeclaredHost): DeclaredHost {
  const ready = Math.min(host.ready, PATIENCE);
  return { ...host, ready, ...(host.jump && { jump: operated(host.jump) }) };
}

/** The resources of each host, with the connection that its first resource has. */
export function byHost(resources: readonly Resource[]): { host: DeclaredHost; own: Resource[] }[] {
  const hosts = new Map<string, { host: DeclaredHost; own: Resource[] }>();
  for (const resource of resources) {
    const host = hostOf(resource);
    if (!host) continue;
    const known = hosts.get(host.name) ?? { host, own: [] };
    known.own.push(resource);
    hosts.set(host.name, known);
  }
  return [...hosts.values()];
}

/** A resource that makes its host a director. */
export function isTable({ kind }: Resource): boolean {
  return kind === "VirtualService" || kind === "HealthChecks";
}
