import type { Session } from "../host/command";
import { Conflict, LvsError, NotConverged } from "../host/errors";
import { digest, same } from "./equality";
import type { Change, Kind, Step } from "./kind";
import { type Entry, forget, record, stackOf } from "./ledger";
import { LedgerChanged } from "./ledger-changed";
import { look, observed } from "./look";
import { act, runSteps } from "./steps";
import type { Look, Task } from "./task";
import { plan, report } from "./whole-kind";

// look → plan → act → look again: the algorithm for every thing on one host. An operation that changes something makes two
// trips, an operation that changes nothing makes one.

export interface Outcome {
  /** What was seen last, in the shape of the inputs; undefined if the thing is not there. */
  readonly reported: Record<string, unknown> | undefined;
  readonly machine: string;
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
    refuseConflict(kind, session, task, before.entry);
    const entry = claimed(kind, task, before);
    const change = { had: task.had, want: task.want, found: entry.found };
    const steps = plan(kind, session, change, before);
    if (steps.length === 0 && before.entry && digest(entry) === digest(before.entry))
      return { reported: report(kind, task.want, before), machine: before.machine };
    refuseIrreplaceable(kind, session, change, before.seen);

    let after: Look<Seen> | undefined;
    try {
      const writing: Step = { run: record(before.name, before.entry, entry), purpose: "keeping what was found" };
      const fact = observed(kind, session, task);
      const ran = await runSteps(session, before.name, [writing, ...steps], fact.ask);
      after = { ...fact.read(ran.replies), machine: before.machine };
      if (ran.failure) throw ran.failure;
      const left = plan(kind, session, change, after);
      if (left.length > 0) throw notConverged(kind, session, task.want, left);
      return { reported: report(kind, task.want, after), machine: after.machine };
    } catch (failure) {
      if (!(failure instanceof LvsError) || failure instanceof LedgerChanged) throw failure;
      return {
        reported: after ? report(kind, task.want, after) : ({ ...task.want } as Record<string, unknown>),
        machine: before.machine,
        failure,
      };
    }
  });
}

/** Looks only. `reported` is undefined if the host has neither the thing nor an entry for it. */
export async function read<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want> & { readonly want: Want },
): Promise<Outcome> {
  const now = await look(kind, session, task);
  const gone = !now.entry && plan(kind, session, { want: task.want, found: now.seen }, now).length > 0;
  return { reported: gone ? undefined : report(kind, task.want, now), machine: now.machine };
}

/** Removes the owner from the entry. With the last owner, what was found is put back. */
export async function remove<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want> & { readonly had: Want },
): Promise<void> {
  return retryWhenChanged(async () => {
    const before = await look(kind, session, task);
    const { entry, name } = before;
    if (!entry) {
      // A run that was cut while it wrote the entry may have left a part of the file.
      return act(session, name, [{ run: forget(name, undefined), purpose: "leaving nothing of ours" }]);
    }
    const { [task.owner]: mine, ...others } = entry.owners;
    if (Object.keys(others).length > 0) {
      if (mine === undefined) return;
      const handOver = record(name, entry, { ...entry, owners: others });
      return act(session, name, [{ run: handOver, purpose: "leaving it to its other owners" }]);
    }
    const change = { had: task.had, found: entry.found };
    const steps = plan(kind, session, change, before);
    // The entry has no owner from here on. If another run adds an owner in the meantime, `forget` fails and we look again.
    const leaving = steps.length > 0 ? { ...entry, owners: {} } : entry;
    if (steps.length > 0) {
      const giveUp: Step = { run: record(name, entry, leaving), purpose: "giving up the claim" };
      const fact = observed(kind, session, task);
      const ran = await runSteps(session, name, [giveUp, ...steps], fact.ask);
      if (ran.failure) throw ran.failure;
      const left = plan(kind, session, change, fact.read(ran.replies));
      if (left.length > 0) throw notConverged(kind, session, task.had, left);
    }
    await act(session, name, [{ run: forget(name, leaving), purpose: "forgetting what was found" }]);
  });
}

function claimed<Want extends object, Seen>(kind: Kind<Want, Seen>, task: Task<Want>, before: Look<Seen>): Entry<Seen> {
  const { [task.formerOwner ?? ""]: _, ...others } = before.entry?.owners ?? {};
  return {
    kind: kind.name,
    identity: kind.identity(task.want as Want),
    found: before.entry ? before.entry.found : before.seen,
    owners: { ...others, [task.owner]: digest(task.want) },
    ...(kind.keeps && { keeps: Object.keys(kind.keeps(task.want as Want)) }),
  };
}

/**
 * Throws if another stack declares the thing differently. Another resource of the same stack is no conflict here: `check` has
 * compared the program's resources, and a former declaration in the ledger is about to be replaced by the same program.
 */
function refuseConflict<Want extends object>(
  kind: Kind<Want>,
  session: Session,
  task: Task<Want>,
  entry: Entry | undefined,
): void {
  const mine = digest(task.want);
  const other = Object.entries(entry?.owners ?? {}).find(
    ([owner, theirs]) => stackOf(owner) !== stackOf(task.owner) && theirs !== mine,
  );
  if (!other) return;
  throw new Conflict(
    `host ${session.name}: ${kind.name} ${kind.identity(task.want as Want)} is declared differently by ${other[0]}. ` +
      "Declare the same in both, or remove one of the two.",
  );
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
  return new NotConverged(
    `host ${session.name}: ${kind.name} ${kind.identity(want)} is not as declared although every command succeeded. ` +
      `Still to do: ${what}. Is something else on the host setting it back?`,
  );
}

async function retryWhenChanged<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LedgerChanged) || tries === 5) throw error;
    }
  }
}
