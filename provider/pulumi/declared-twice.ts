import type { DeclaredHost } from "../host/declared";
import type { Problem } from "../model";
import { same } from "../reconcile/equality";
import type { Kind } from "../reconcile/kind";
import { entryName, stackOf } from "../reconcile/ledger";

/** What the resources of this program have declared so far: by host and thing, who declares it and how. */
const declaredBefore = new Map<string, { readonly owner: string; readonly want: unknown }>();

/** Two resources of one program that declare the same thing differently: one would undo the other for ever. */
export function declaredTwice<Want extends object>(
  kind: Kind<Want>,
  host: DeclaredHost,
  want: Want,
  owner: string,
): Problem[] {
  const own = entryName(kind.name, kind.identity(want));
  return [
    ...others(host, own, owner, want).map((other) => ({
      property:
        Object.keys(want).find(
          (key) => !same((other.want as Record<string, unknown>)[key], (want as Record<string, unknown>)[key]),
        ) ?? "host",
      reason: `${kind.name} ${kind.identity(want)} on host ${host.name} is declared differently by ${other.owner}: remove one`,
    })),
    ...Object.entries(kind.keeps?.(want) ?? {}).flatMap(([entry, property]) =>
      others(host, entry, owner, want).map((other) => ({
        property,
        reason: `on host ${host.name} it is declared by ${other.owner} as well: remove one`,
      })),
    ),
  ];
}

/** Who declared it before in the same stack, otherwise than this; notes this where nobody did. */
function others(host: DeclaredHost, entry: string, owner: string, want: unknown) {
  const key = `${stackOf(owner)} ${host.name} ${entry}`;
  const other = declaredBefore.get(key);
  if (!other) declaredBefore.set(key, { owner, want });
  return !other || other.owner === owner || same(other.want, want) ? [] : [other];
}
