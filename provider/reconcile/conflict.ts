import type { Session } from "../host/command";
import { Conflict } from "../host/errors";
import type { Kind } from "./kind";
import { differs, howDiffers, type Owner, type Owners, others, ownNames, stackOf, withoutParents } from "./owners";
import type { Task } from "./task";

// Stacks that share a thing. The same declaration is shared. A different one is a conflict, unless an owner changes what it
// declares: the last declaration counts, and the other owners are behind. A refresh shows them the difference. What they
// declared before does not undo the change; they follow, or change the thing in their turn.

/**
 * Throws if another stack declares the thing differently. Another resource of the same stack is no conflict here: `check` has
 * compared the program's resources, and a former declaration in the ledger is about to be replaced by the same program.
 */
export function refuseConflict<Want extends object>(
  kind: Kind<Want>,
  session: Session,
  task: Task<Want> & { readonly want: Want },
  owners: Owners,
): void {
  const [mine] = ownNames(owners, task);
  const before = mine === undefined ? undefined : owners[mine];
  if (before !== undefined && differs(kind, before, task.want)) return;
  const names = Object.keys(owners);
  const later = mine === undefined ? -1 : names.indexOf(mine);
  const [other] = differing(kind, task, owners).filter(([name]) => names.indexOf(name) > later);
  if (!other) return;
  const [name, it] = other;
  throw new Conflict(
    `host ${session.name}: ${kind.name} ${kind.identity(task.want)} is declared differently by ${withoutParents(name)}. ` +
      `${when(it)}: ${how(kind, it, task.want)}. Declare the same in both stacks, or remove one of the two. If the stack ${stackOf(name)} ` +
      `is gone (renamed, lost, removed by force), declare supersedes: ["${stackOf(name)}"] on the host`,
  );
}

/**
 * Throws if a thing of another stack is what this one would be, and only one can be. What this thing's own stack has made
 * gives way: the program no longer declares it, or `check` would have refused the program.
 */
export function refuseRivals<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want> & { readonly want: Want },
  seen: Seen,
): void {
  const { owner, supersedes = [], want } = task;
  const own = [stackOf(owner), ...supersedes];
  for (const [identity, owners] of Object.entries(kind.rivals?.(seen) ?? {})) {
    const other = owners.find((name) => !own.includes(stackOf(name)));
    if (other !== undefined)
      throw new Conflict(
        `host ${session.name}: ${kind.name} ${kind.identity(want)} would be ${kind.role?.(want)}, and ${identity} of ` +
          `${withoutParents(other)} is. Give one of the two a host of its own, or remove it there. If the stack ${stackOf(other)} ` +
          `is gone (renamed, lost, removed by force), declare supersedes: ["${stackOf(other)}"] on the host`,
      );
  }
}

/** Tells which other stacks declare the thing otherwise, before an owner changes what it declares. */
export function tellThoseBehind<Want extends object>(
  kind: Kind<Want>,
  session: Session,
  task: Task<Want> & { readonly want: Want },
  owners: Owners,
): void {
  for (const [name, it] of differing(kind, task, owners))
    console.log(
      `host ${session.name}: ${kind.name} ${kind.identity(task.want)} is declared by ${withoutParents(name)} as well. ` +
        `${when(it)}: ${how(kind, it, task.want)}. A refresh of that stack shows the change`,
    );
}

/** The owners of other stacks that declare the thing differently. */
function differing<Want extends object>(kind: Kind<Want>, task: Task<Want> & { readonly want: Want }, owners: Owners) {
  return Object.entries(others(owners, task)).filter(
    ([name, it]) => stackOf(name) !== stackOf(task.owner) && differs(kind, it, task.want),
  );
}

function when(it: Owner | string): string {
  return typeof it === "string"
    ? "Last seen by version 0.1.0"
    : `Last seen ${it.seen.slice(0, 16).replace("T", " ")} UTC`;
}

/** At most five differences. */
function how<Want extends object>(kind: Kind<Want>, it: Owner | string, want: Want): string {
  const all = howDiffers(kind, it, want);
  if (all.length === 0) return "what differs was not noted";
  return [...all.slice(0, 5), ...(all.length > 5 ? [`${all.length - 5} more`] : [])].join(", ");
}
