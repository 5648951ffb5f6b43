import type { Session } from "../host/command";
import { Conflict, LvsError, NotConverged } from "../host/errors";
import { each, type Fact, facts, known, map } from "../host/fact";
import { type BootState, bootState, removeBoot, writeBoot } from "./boot";
import { digest } from "./equality";
import type { BootFile, Change, Kind, Step } from "./kind";
import { about } from "./kind";
import { type Entry, entryName, entryOf, forget, record, stackOf } from "./ledger";
import { LedgerChanged } from "./ledger-changed";
import { disarmFormer } from "./risky";
import { runSteps } from "./steps";

/**
 * look → plan → act → look again: the algorithm for everything on one host. Two trips where something has to be done, one
 * where nothing has.
 */
export interface Task<Want> {
  /** Who declares it: project/stack/resource. */
  readonly owner: string;
  /** Under which name it was declared until now, if that changed. */
  readonly formerOwner?: string | undefined;
  readonly had?: Want | undefined;
  readonly want?: Want | undefined;
  readonly judge?: JudgeMachine;
}

/**
 * Judges the machine that answered, before anything is changed; throws if it is another one than was expected.
 *
 * @param owners who declares the thing there
 */
export type JudgeMachine = (machine: string, owners: readonly string[]) => void;

export interface Outcome {
  /** What was seen last, in the shape of the inputs; undefined: it is not there. */
  readonly reported: Record<string, unknown> | undefined;
  readonly machine: string;
  /** The host was changed, and is not as declared. */
  readonly failure?: LvsError;
}

/** Makes it so: create, adopt, update, repair. */
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

    let after: Look<Seen> | undefined;
    try {
      const writing: Step = { run: record(before.name, before.entry, entry), purpose: "keeping what was found" };
      const fact = there(kind, session, task);
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

/** Looks only. `reported` is undefined when the host neither remembers it nor has it. */
export async function read<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want> & { readonly want: Want },
): Promise<Outcome> {
  const now = await look(kind, session, task);
  const gone = !now.entry && plan(kind, session, { want: task.want, found: now.seen }, now).length > 0;
  return { reported: gone ? undefined : report(kind, task.want, now), machine: now.machine };
}

/** Gives up the owner's claim; the last owner's leaving puts back what was found. */
export async function remove<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want> & { readonly had: Want },
): Promise<void> {
  return retryWhenChanged(async () => {
    const before = await look(kind, session, task);
    const { entry, name } = before;
    if (!entry) {
      // A claim that was cut while it was being written may have left its beginnings.
      const done = await runSteps(
        session,
        name,
        [{ run: forget(name, undefined), purpose: "leaving nothing of ours" }],
        [],
      );
      if (done.failure) throw done.failure;
      return;
    }
    const { [task.owner]: mine, ...others } = entry.owners;
    if (Object.keys(others).length > 0) {
      if (mine === undefined) return;
      const handOver = record(name, entry, { ...entry, owners: others });
      const done = await runSteps(session, name, [{ run: handOver, purpose: "leaving it to its other owners" }], []);
      if (done.failure) throw done.failure;
      return;
    }
    const change = { had: task.had, found: entry.found };
    const steps = plan(kind, session, change, before);
    // Nobody's from here on: somebody who claims it in the meantime makes `forget` look again.
    const leaving = steps.length > 0 ? { ...entry, owners: {} } : entry;
    if (steps.length > 0) {
      const giveUp: Step = { run: record(name, entry, leaving), purpose: "giving up the claim" };
      const fact = there(kind, session, task);
      const ran = await runSteps(session, name, [giveUp, ...steps], fact.ask);
      if (ran.failure) throw ran.failure;
      const left = plan(kind, session, change, fact.read(ran.replies));
      if (left.length > 0) throw notConverged(kind, session, task.had, left);
    }
    const done = await runSteps(
      session,
      name,
      [{ run: forget(name, leaving), purpose: "forgetting what was found" }],
      [],
    );
    if (done.failure) throw done.failure;
  });
}

/** What is there on the host, and what it remembers. */
interface There<Seen> {
  /** Of the entry. */
  readonly name: string;
  readonly entry: Entry<Seen> | undefined;
  readonly boot: ReadonlyMap<string, BootState>;
  readonly seen: Seen;
}

interface Look<Seen> extends There<Seen> {
  readonly machine: string;
}

/** The first look of a run: it learns which machine answers, and calls off what a former run left armed. */
async function look<Want extends object, Seen>(kind: Kind<Want, Seen>, session: Session, task: Task<Want>) {
  const name = nameOf(kind, task);
  const entry = entryOf<Seen>(name);
  const rest = there(kind, session, task);
  const { machine, looks } = await session.run({ looks: [disarmFormer(name), ...rest.ask] });
  const replies = looks.slice(1);
  // Its entry, which is asked first, is all that counts of a machine that is another one than was expected.
  task.judge?.(machine, Object.keys(entry.read(replies)?.owners ?? {}));
  return { ...rest.read(replies), machine };
}

function there<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want>,
): Fact<There<Seen>> {
  const name = nameOf(kind, task);
  const files = bootFiles(kind, task).map((file) => map(bootState(file), (state) => [file.path, state] as const));
  const { ask, read } = kind.look({ had: task.had, want: task.want });
  return facts<There<Seen>>({
    name: known(name),
    entry: entryOf<Seen>(name),
    boot: map(each(files), (states) => new Map(states)),
    seen: { ask, read: (replies) => named(session, () => read(replies)) },
  });
}

function nameOf<Want extends object>(kind: Kind<Want>, task: Task<Want>): string {
  return entryName(kind.name, kind.identity(about(task)));
}

/** The boot files to look at: those that are wanted, and those that were. The wanted text counts. */
function bootFiles<Want extends object>(kind: Kind<Want>, task: Task<Want>): BootFile[] {
  const files = [...formerBoot(kind, task.had), ...wantedBoot(kind, task.want)];
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function wantedBoot<Want extends object>(kind: Kind<Want>, want: Want | undefined): BootFile[] {
  return want && (want as { boot?: boolean }).boot !== false ? (kind.boot?.(want) ?? []) : [];
}

/** What it had may have been refreshed to `boot: false` by a change on the host: its files go all the same. */
function formerBoot<Want extends object>(kind: Kind<Want>, had: Want | undefined): BootFile[] {
  return had ? (kind.boot?.(had) ?? []) : [];
}

/** The present first and then its return at boot; going, its return at boot is undone first. */
function plan<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  change: Change<Want, Seen>,
  { seen, boot }: Pick<Look<Seen>, "seen" | "boot">,
): Step[] {
  const wanted = wantedBoot(kind, change.want);
  const leftovers = formerBoot(kind, change.had).filter((file) => !wanted.some(({ path }) => path === file.path));
  const remove = leftovers.filter((file) => boot.get(file.path) !== "absent").map(removeBoot);
  const write = wanted.filter((file) => boot.get(file.path) !== "as wanted").map(writeBoot);
  return [...remove, ...named(session, () => kind.plan(change, seen)), ...write];
}

/** What a kind has to say against a host names the host. */
function named<T>(session: Session, judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof LvsError)) throw error;
    throw new LvsError(`host ${session.name}: ${error.message}`, { cause: error });
  }
}

function report<Want extends object, Seen>(kind: Kind<Want, Seen>, want: Want, { seen, boot }: Look<Seen>) {
  const wanted = wantedBoot(kind, want);
  const lives = wanted.length > 0 ? { boot: wanted.every((file) => boot.get(file.path) === "as wanted") } : {};
  return { ...want, ...kind.report(want, seen), ...lives } as Record<string, unknown>;
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

/** Another stack's word stands. Within one stack the engine brings all of its resources to the same program. */
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
