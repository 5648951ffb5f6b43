import { UNKNOWN } from "pulumi-lvs-provider/model";
import {
  type DeclaredHost,
  type HostStatus,
  hostOf,
  isTable,
  LvsError,
  type Resource,
} from "pulumi-lvs-provider/operations";

/** What a stack's state has of this package. */
export interface StackState {
  /** "project/stack"; undefined of an empty state. */
  readonly stack?: string;
  readonly resources: readonly Resource[];
}

interface Exported {
  readonly deployment?: { readonly resources?: readonly Stored[] | null } | null;
}

interface Stored {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly delete?: boolean;
  readonly inputs?: unknown;
  readonly outputs?: unknown;
}

const DYNAMIC = /^pulumi-nodejs:dynamic\/lvs:(\w+)$/;

/** Reads what `pulumi stack export --show-secrets` prints. */
export function readState(exported: unknown): StackState {
  const stored = storedIn(exported);
  const resources = stored.flatMap(({ urn, type, id, delete: isLeaving, inputs, outputs }) => {
    const kind = DYNAMIC.exec(type)?.[1];
    if (kind === undefined || id === undefined || isLeaving) return [];
    const [, , types = "", name = ""] = urn.split("::");
    const parents = types.split("$").slice(0, -1);
    return [{ kind, name, id, parents, inputs: properties(urn, inputs), state: properties(urn, outputs) }];
  });
  const [, stack, project] = /^urn:pulumi:(.*?)::(.*?)::/.exec(stored[0]?.urn ?? "") ?? [];
  return { ...(project !== undefined && { stack: `${project}/${stack}` }), resources: resources as Resource[] };
}

/**
 * Reads what `pulumi preview --json --show-sames` prints. What is not made yet has no id, and what it will be is what is declared.
 * Secrets are not in it.
 */
export function readPreview(previewed: unknown): StackState {
  const { steps = [] } = previewed as { steps?: readonly { readonly newState?: Stored }[] };
  const resources = steps.flatMap(({ newState }) => {
    if (newState === undefined) return [];
    const { id = newState.urn, outputs } = newState;
    const { host, ...own } = (newState.inputs ?? {}) as { readonly host?: unknown };
    // Of a host that is made meanwhile the name is known.
    const inputs = { ...own, ...(host !== undefined && { host: known(host) }) };
    return [{ ...newState, id, inputs, outputs: { ...inputs, ...(outputs as object) } }];
  });
  return readState({ deployment: { resources } });
}

/** The value without what comes later. */
function known(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const parts = Object.entries(value).filter(([, part]) => part !== UNKNOWN);
  return Object.fromEntries(parts.map(([key, part]) => [key, known(part)]));
}

/** The resources of a state. A state that was edited by hand may have something else in their place. */
function storedIn(exported: unknown): readonly Stored[] {
  const stored: unknown = (exported as Exported | null)?.deployment?.resources ?? [];
  const isStored = (one: unknown) => typeof (one as Partial<Stored> | null)?.urn === "string";
  if (Array.isArray(stored) && stored.every(isStored)) return stored;
  const which = Array.isArray(stored) ? `resource ${stored.findIndex((one) => !isStored(one))} has no urn` : "no list";
  throw new LvsError(`deployment.resources of the stack's state: ${which}. ${BY_HAND}`);
}

const BY_HAND =
  "Was the state edited by hand? Write it to a file by `pulumi stack export --file`, mend the file, and give it back by " +
  "`pulumi stack import --file`";

/** A resource's inputs or outputs. Pulumi leaves out those that are empty. */
function properties(urn: string, stored: unknown): Resource["inputs"] {
  try {
    return (revealed(stored) ?? {}) as Resource["inputs"];
  } catch {
    // Never the message of JSON.parse: it quotes the secret.
    throw new LvsError(`${urn} has a secret in the stack's state whose plaintext is no JSON. ${BY_HAND}`);
  }
}

/** The hosts of the state, by name. */
export function hostsOf({ resources }: StackState): Map<string, DeclaredHost> {
  const hosts = resources.flatMap((resource) => hostOf(resource) ?? []);
  return new Map(hosts.map((host) => [host.name, host]));
}

/** The hosts that have a table. */
export function directorsOf({ resources }: StackState): DeclaredHost[] {
  const hosts = resources.filter(isTable).flatMap((resource) => hostOf(resource) ?? []);
  return [...new Map(hosts.map((host) => [host.name, host])).values()];
}

/**
 * The names of hosts by their addresses: those that they are reached by, and their own where they were asked. An address that
 * several hosts have, as a VIP, names none of them.
 */
export function serverNames(
  state: StackState,
  status?: { readonly hosts: readonly Pick<HostStatus, "host" | "addresses">[] },
): Map<string, string> {
  const own = (status?.hosts ?? []).flatMap(({ host, addresses = [] }) => addresses.map((one) => [one, host] as const));
  const single = own.filter(([address, host]) => own.every(([other, of]) => other !== address || of === host));
  return new Map([...single, ...[...hostsOf(state).values()].map(({ name, address }) => [address, name] as const)]);
}

/** The real server's address in the name of a destination: "10.0.0.11:80", "[2001:db8::11]:80". */
export function serverOf(destination: string): string {
  return destination.replace(/^\[?(.*?)\]?:\d+$/, "$1");
}

/** The host with this name. */
export function hostNamed(state: StackState, name: string): DeclaredHost {
  const hosts = hostsOf(state);
  const host = hosts.get(name);
  if (!host) throw new LvsError(`the stack has no host ${name}: it has ${[...hosts.keys()].join(", ") || "none"}`);
  return host;
}

/** The key that marks a secret in a state (sdk/go/common/resource, SigKey). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** The value without the wrapping of secrets. */
function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (value === null || typeof value !== "object") return value;
  if (SIGNATURE in value) {
    const { plaintext } = value as { plaintext?: string };
    return plaintext === undefined ? undefined : revealed(JSON.parse(plaintext));
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, revealed(part)]));
}
