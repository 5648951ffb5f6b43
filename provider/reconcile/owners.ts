import { differences, type LedgerDeclaration, ledgerDeclaration } from "./differences";
import { digest } from "./equality";
import type { Kind } from "./kind";

/** Who declares a thing, as the ledger has it. */
export interface Owner {
  readonly declares: LedgerDeclaration;
  /** What the owner's state shows: a random text, drawn when the resource was created. A state of 0.1.0 has none. */
  readonly claim?: string;
  /** The claim was drawn over a former one of the same name. A state that shows no claim does not hold it. */
  readonly replaced?: true;
  /** When the owner wrote this, in ISO 8601. */
  readonly seen: string;
}

/**
 * The owners of a thing by name: project/stack/resource, with the types of the resource's parents. They stand in the order in
 * which they declared what they declare now: what the last one declares is what counts. Version 0.1.0 wrote a digest of the
 * declaration, and names without parents.
 */
export type Owners = Readonly<Record<string, Owner | string>>;

/** Why this says nothing of an owner, in words; undefined if it does. */
export function whyNoOwner(owner: string, it: unknown): string | undefined {
  if (typeof it === "string") return undefined;
  const declares = (it as Partial<Owner> | null)?.declares;
  return typeof declares === "object" && declares !== null ? undefined : `it does not say what ${owner} declares`;
}

/** Who asks, and the proof. */
export interface Claimant {
  /** Who declares the thing: project/stack/resource, with the types of the resource's parents. */
  readonly owner: string;
  /** The owner until now, if the owner's name changed. */
  readonly formerOwner?: string | undefined;
  /** What the resource's state shows, or what a create has drawn. A state of 0.1.0 shows none. */
  readonly claim?: string | undefined;
  /** The resource is being created: whoever held the thing under its name holds it no longer. */
  readonly isNew?: boolean;
  /** Stacks ("project/stack") that are gone: what they declare does not count any more. */
  readonly supersedes?: readonly string[] | undefined;
}

/** The stack of an owner: "project/stack". */
export function stackOf(owner: string): string {
  return owner.split("/").slice(0, 2).join("/");
}

/** The owner as version 0.1.0 named it: without the types of its parents. */
export function withoutParents(owner: string): string {
  const at = owner.indexOf("::");
  return at < 0 ? owner : `${stackOf(owner)}/${owner.slice(at + 2)}`;
}

/**
 * The names of the owners that are this resource. The claim proves it. A name alone proves it for a resource that is being
 * created: what is under its own name is the original that it replaces, or what an interrupted run left. The name proves it for
 * a state of 0.1.0 too, until another resource was created under the name.
 */
export function ownNames(owners: Owners, claimant: Claimant): string[] {
  const { owner, formerOwner = owner, claim, isNew } = claimant;
  const isNamed = (name: string) => name === owner || name === formerOwner;
  const own = Object.entries(owners).filter(([name, it]) => {
    if (claim !== undefined && !isNew) return typeof it === "object" && it.claim === claim;
    if (typeof it === "string") return isNamed(name) || name === withoutParents(owner);
    return isNamed(name) && (isNew || !it.replaced);
  });
  const names = own.map(([name]) => name);
  if (claim === undefined || isNew) return names;
  // A run that was killed after it had moved the claim to another name could not save that name. A state that was copied into
  // another stack shows the same claim, under a name of that stack.
  return names.some(isNamed) ? names.filter(isNamed) : names.filter((name) => stackOf(name) === stackOf(owner));
}

/** The owners that are neither this resource nor of a stack that is declared as gone. */
export function others(owners: Owners, claimant: Claimant): Owners {
  const own = ownNames(owners, claimant);
  const left = Object.entries(owners).filter(([name]) => !own.includes(name) && !isGone(name, claimant));
  return Object.fromEntries(left);
}

/** The stack that asks is not gone, whatever it declares: it would take things from its own other resources. */
function isGone(owner: string, { owner: own, supersedes = [] }: Claimant): boolean {
  return stackOf(owner) !== stackOf(own) && supersedes.includes(stackOf(owner));
}

/** The owners after this resource has declared the thing. An owner who declares the same as before keeps the place. */
export function claimed<Want extends object>(kind: Kind<Want>, owners: Owners, claimant: Claimant, want: Want): Owners {
  const { owner, claim, isNew } = claimant;
  const own = ownNames(owners, claimant);
  const [former = ""] = own;
  const before = owners[former];
  const isReplaced = isNew ? before !== undefined : typeof before === "object" && before.replaced;
  const now: Owner = {
    declares: ledgerDeclaration(kind, want, claim),
    ...(claim !== undefined && { claim }),
    ...(isReplaced && { replaced: true }),
    seen: typeof before === "object" ? before.seen : "",
  };
  const stays = before !== undefined && !differs(kind, before, want);
  const after = Object.entries(owners).flatMap(([name, it]) => {
    if (name === former && stays) return [[owner, now] as const];
    return name === owner || own.includes(name) || isGone(name, claimant) ? [] : [[name, it] as const];
  });
  return Object.fromEntries(stays ? after : [...after, [owner, now]]);
}

/** The same owners, with the time at which one of them writes. */
export function seenNow(owners: Owners, owner: string): Owners {
  return { ...owners, [owner]: { ...(owners[owner] as Owner), seen: new Date().toISOString() } };
}

/** How an owner's declaration differs from this one, in words. The list is empty if 0.1.0 did not note it. */
export function howDiffers<Want extends object>(kind: Kind<Want>, it: Owner | string, want: Want): string[] {
  return typeof it === "string" ? [] : differences(kind, it, want);
}

export function differs<Want extends object>(kind: Kind<Want>, it: Owner | string, want: Want): boolean {
  return typeof it === "string" ? it !== digest(want) : differences(kind, it, want).length > 0;
}
