import type { DeclaredHost } from "../host/declared";
import type { Problem } from "../model";
import { same } from "../reconcile/equality";
import type { DeclaredThing, Kind } from "../reconcile/kind";
import { entryName } from "../reconcile/ledger";
import { stackOf, withoutParents } from "../reconcile/owners";

/** A declaration, and whose it is. */
interface Declared {
  /** The resource's type: "Sysctls" declares things of the kind Sysctl. */
  readonly type: string;
  readonly owner: string;
  readonly want: unknown;
}

/** What the resources of this program have declared so far, by stack, host and thing. */
const declaredBefore = new Map<string, Declared>();

/**
 * The problems of a thing that another resource of the same program declares differently. Each of the two resources would undo
 * the other at every update.
 */
export function declaredTwice<Want extends object>(
  kind: Kind<Want>,
  host: DeclaredHost,
  want: Want,
  { type, owner }: Omit<Declared, "want">,
): Problem[] {
  const own = entryName(kind.name, kind.identity(want));
  const it = { type, owner, want };
  return [
    ...others(host, own, it).map((other) => ({
      property:
        Object.keys(want).find(
          (key) => !same((other.want as Record<string, unknown>)[key], (want as Record<string, unknown>)[key]),
        ) ?? "host",
      reason:
        other.owner === owner
          ? `${kind.name} ${kind.identity(want)} on host ${host.name} is declared by a ${other.type} of the same name, ${withoutParents(owner)}, ` +
            "as well. The host's ledger knows resources by their names: give one of the two another name, or remove it"
          : `${kind.name} ${kind.identity(want)} on host ${host.name} is declared differently by ${other.owner}: ${kind.insteadOfTwo?.(want) ?? "remove one"}`,
    })),
    ...Object.entries(kind.keeps?.(want) ?? {}).flatMap(([entry, property]) =>
      others(host, entry, it).map((other) => ({
        property,
        reason: `on host ${host.name} it is declared by ${other.owner} as well: remove one`,
      })),
    ),
    ...roleTwice(kind, host, it),
  ];
}

/** The problem of a thing that would be what another thing of the program is, where a host has one such thing (`Kind.role`). */
function roleTwice<Want extends object>(
  kind: Kind<Want>,
  host: DeclaredHost,
  { want, ...whose }: Declared & { readonly want: Want },
): Problem[] {
  const role = kind.role?.(want);
  if (role === undefined) return [];
  const identity = kind.identity(want);
  return others(host, `Role.${role}`, { ...whose, want: { identity } }).map((other) => ({
    property: "host",
    reason:
      `on host ${host.name} ${identity} would be ${role}, and ${(other.want as { identity: string }).identity} of ` +
      `${withoutParents(other.owner)} is: a host has one. Give each a host of its own, or remove one`,
  }));
}

/** What the resources of the owner's stack have declared on a host so far. */
export function declaredOn(owner: string, { name }: DeclaredHost): DeclaredThing[] {
  const before = `${stackOf(owner)} ${name} `;
  return [...declaredBefore].flatMap(([key, { want }]) => {
    const kind = key.startsWith(before) ? key.slice(before.length).split(".")[0] : undefined;
    return kind ? [{ kind, want: want as DeclaredThing["want"] }] : [];
  });
}

/**
 * The resource of the same stack that declared the thing differently before, or under the same name as one of another type. The
 * first declaration of a thing is noted.
 */
function others(host: DeclaredHost, entry: string, it: Declared): Declared[] {
  const key = `${stackOf(it.owner)} ${host.name} ${entry}`;
  const other = declaredBefore.get(key);
  if (!other) declaredBefore.set(key, it);
  if (!other) return [];
  const isOther = other.owner === it.owner ? other.type !== it.type : !same(other.want, it.want);
  return isOther ? [other] : [];
}
