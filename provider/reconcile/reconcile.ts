import type { Command, Session } from "../host/command";
import { LvsError, NotConverged, StepFailed } from "../host/errors";
import { giveWay } from "../host/give-way";
import { refuseConflict, refuseRivals, tellThoseBehind } from "./conflict";
import { digest, same } from "./equality";
import type { Change, Kind, Step } from "./kind";
import { type Entry, forget, forgetUnlessKept, record, unchanged } from "./ledger";
import { LedgerChanged, retryWhenChanged } from "./ledger-changed";
import { look, observed } from "./look";
import { hasLostEntry, tellLostEntry } from "./lost-entry";
import { type Claimant, claimed, type Owners, others, ownNames, seenNow, stackOf, withoutParents } from "./owners";
import { act, runSteps } from "./steps";
import type { Look, Task } from "./task";
import { plan, report } from "./whole-kind";

// look → plan → act → look again: the algorithm for every thing on one host. An operation that changes something makes two
// trips, an operation that changes nothing makes one. Between two pieces of work on a large thing the others of the process have their turn, also at
// the end of a look.

export interface Outcome {
  /** What was seen last, in the shape of the inputs; undefined if the thing is not there. */
  readonly reported: Record<string, unknown> | undefined;
  readonly machine: string;
  /** Another resource has taken the thing over: the claim is not the one in the ledger. */
  readonly isTakenOver?: true;
  /** Why the host is not as declared, although something was changed. */
  readonly failure?: LvsError;
}

/** Brings the thing to what is declared: create, adopt, update, repair. */
export async function apply<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want> & { readonly want: Want },
): Promise<Outcome> {
  return retryWhenChanged(async () => {
    const before = await look(kind, session, task);
    const owners = before.entry?.owners ?? {};
    refuseConflict(kind, session, task, owners);
    refuseRivals(kind, session, task, before.seen);
    await giveWay();
    const entry = claimedEntry(kind, task, before);
    await giveWay();
    const change = { had: task.had, want: task.want, found: entry.found };
    const steps = plan(kind, session, change, before);
    await giveWay();
    if (steps.length === 0 && before.entry && digest(entry) === digest(before.entry))
      return { reported: report(kind, task.want, before), machine: before.machine };
    refuseIrreplaceable(kind, session, change, before.seen);
    if (task.had && hasLostEntry(kind, task.had, before)) tellLostEntry(kind, session, task.want, before, "apply");

    tellThoseBehind(kind, session, task, owners);
    const written = { ...entry, owners: seenNow(entry.owners, task.owner) };
    let after: Look<Seen> | undefined;
    try {
      const writing: Step = { run: record(before.name, before.entry, written), purpose: "keeping what was found" };
      const fact = observed(kind, session, task);
      const guard = unchanged(before.name, written);
      const ran = await runSteps(session, before.name, [writing, ...steps], fact.ask, guard);
      after = { ...fact.read(ran.replies), machine: before.machine };
      if (ran.failure) throw ran.failure;
      await giveWay();
      const left = plan(kind, session, change, after);
      if (left.length > 0) throw notConverged(kind, session, task.want, left);
      await giveWay();
      return { reported: report(kind, task.want, after), machine: after.machine };
    } catch (failure) {
      if (!(failure instanceof LvsError) || failure instanceof LedgerChanged) throw failure;
      if (await leavesNothing(kind, session, task, before, failure)) throw failure;
      return {
        reported: after ? report(kind, task.want, after) : ({ ...task.want } as Record<string, unknown>),
        machine: before.machine,
        failure,
      };
    }
  });
}

/**
 * Takes a claim back where what was to be made was refused. Otherwise the next delete would put back what was found now, over what
 * the user has mended meanwhile. Returns whether nothing is left.
 */
async function leavesNothing<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  { want, ...task }: Task<Want> & { readonly want: Want },
  { entry }: Look<Seen>,
  failure: LvsError,
): Promise<boolean> {
  if (!(failure instanceof StepFailed && failure.refused) || entry || task.had) return false;
  return remove(kind, session, { ...task, had: want, advice: undefined }).then(
    () => true,
    () => false,
  );
}

/** Looks only. `reported` is undefined if the host has neither the thing nor an entry for it. */
export async function read<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want> & { readonly want: Want },
): Promise<Outcome> {
  const now = await look(kind, session, task);
  const gone = !now.entry && plan(kind, session, { want: task.want, found: now.seen }, now).length > 0;
  if (!now.entry && !gone) tellLostEntry(kind, session, task.want, now, "read");
  const isTakenOver = now.entry !== undefined && ownNames(now.entry.owners, task).length === 0;
  await giveWay();
  return {
    reported: gone ? undefined : report(kind, task.want, now),
    machine: now.machine,
    ...(isTakenOver && { isTakenOver }),
  };
}

/**
 * Removes the owner from the entry. With the last owner, what was found is put back. Nothing is done if the claim is not the one
 * in the ledger: somebody has taken the thing over. An entry without any owner is what an interrupted delete left.
 */
export async function remove<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want> & { readonly had: Want },
): Promise<void> {
  return retryWhenChanged(async () => {
    const before = await look(kind, session, task);
    const { entry, name } = before;
    if (hasLostEntry(kind, task.had, before)) return tellLostEntry(kind, session, task.had, before, "remove");
    if (!entry) {
      // A run that was cut while it wrote the entry may have left a part of the file.
      return act(session, name, [{ run: forget(name, undefined), purpose: "leaving nothing of ours" }]);
    }
    const holders = Object.keys(entry.owners);
    if (holders.length > 0 && ownNames(entry.owners, task).length === 0)
      return console.log(
        `host ${session.name}: ${kind.name} ${kind.identity(task.had)} stays: ${whose(entry.owners, task)}`,
      );
    const left = others(entry.owners, task);
    if (Object.keys(left).length > 0) {
      const elsewhere = Object.keys(left).filter((one) => stackOf(one) !== stackOf(task.owner));
      if (elsewhere.length > 0)
        console.log(
          `host ${session.name}: ${kind.name} ${kind.identity(task.had)} stays: ${elsewhere.map(withoutParents).join(" and ")} ` +
            "declares it, too",
        );
      const handOver = record(name, entry, { ...entry, owners: left });
      return act(session, name, [{ run: handOver, purpose: "leaving it to its other owners" }]);
    }
    const change = { had: task.had, found: entry.found };
    const steps = plan(kind, session, change, before);
    if (steps.length === 0) return act(session, name, [forgetting(forget(name, entry))]);
    // The entry has no owner from here on. If another run adds an owner in the meantime, `forget` fails and we look again.
    const leaving = { ...entry, owners: {} };
    const giveUp: Step = { run: record(name, entry, leaving), purpose: "giving up the claim" };
    const fact = observed(kind, session, task);
    const all = [giveUp, ...steps, forgetting(forgetUnlessKept(name))];
    const ran = await runSteps(session, name, all, fact.ask, unchanged(name, leaving));
    if (ran.failure) throw ran.failure;
    const after = fact.read(ran.replies);
    await giveWay();
    const undone = plan(kind, session, change, after);
    if (undone.length > 0) {
      // The next delete needs the entry.
      const again = { run: record(name, after.entry, leaving), purpose: "keeping what was found" };
      await act(session, name, [again]);
      throw notConverged(kind, session, task.had, undone);
    }
    if (after.entry) await act(session, name, [forgetting(forget(name, leaving))]);
  });
}

/** Whose a thing is that is not this resource's, in words. */
function whose(owners: Owners, { owner }: Claimant): string {
  const held = owners[owner];
  // A replacement has drawn its claim over that of its original.
  if (typeof held === "object" && !held.replaced && held.claim !== undefined)
    return (
      `the host's ledger has another claim of ${withoutParents(owner)} than this state. Was the ledger or the state restored from ` +
      "a backup? Declared again, it is taken over by the next `pulumi up`, and then it can be deleted"
    );
  return `it belongs to ${Object.keys(owners).map(withoutParents).join(" and ")} now`;
}

function forgetting(run: Command): Step {
  return { run, purpose: "forgetting what was found" };
}

function claimedEntry<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  task: Task<Want> & { readonly want: Want },
  { entry, seen }: Look<Seen>,
): Entry<Seen> {
  return {
    kind: kind.name,
    identity: kind.identity(task.want),
    found: entry ? entry.found : seen,
    owners: claimed(kind, entry?.owners ?? {}, task, task.want),
    ...(kind.keeps && { keeps: Object.keys(kind.keeps(task.want)) }),
  };
}

/** What could not be put back is not changed, while it still is as it was found. */
function refuseIrreplaceable<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  change: Change<Want, Seen> & { readonly want: Want },
  seen: Seen,
) {
  if (!kind.irreplaceable || !same(seen, change.found) || kind.plan(change, seen).length === 0) return;
  const why = kind.irreplaceable(change.want, seen);
  if (why === undefined) return;
  throw new LvsError(`host ${session.name}: ${kind.name} ${kind.identity(change.want)}: ${why}. Nothing was changed.`);
}

function notConverged<Want extends object>(kind: Kind<Want>, session: Session, want: Want, left: readonly Step[]) {
  const what = left.map((step) => step.purpose).join("; ");
  const instead = left.flatMap((step) => step.instead ?? []).map((words) => ` ${words}`);
  return new NotConverged(
    `host ${session.name}: ${kind.name} ${kind.identity(want)} is not as declared although every command succeeded. ` +
      `Still to do: ${what}.${instead.join("")} Is something else on the host setting it back?`,
  );
}
