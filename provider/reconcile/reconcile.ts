import type { Reply, Session } from "../host/command";
import { Conflict, LvsError, NotConverged } from "../host/errors";
import { type BootState, bootState, lookAtBoot, removeBoot, writeBoot } from "./boot";
import { digest } from "./equality";
import type { BootFile, Change, Kind, Step } from "./kind";
import { type Entry, entryName, forget, lookUp, parseEntry, record, stackOf } from "./ledger";
import { Moved } from "./moved";
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
  /** Judges the machine that answered, before anything is changed; throws if it is another one than was expected. */
  readonly meet?: (machine: string, ownersThere: readonly string[]) => void;
}

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
  return unlessMoved(async () => {
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
      const looks = await runSteps(session, before.name, [writing, ...steps], lookCommands(kind, task));
      after = readLook(kind, session, task, before.name, before.machine, looks.replies);
      if (looks.failure) throw looks.failure;
      const left = plan(kind, session, change, after);
      if (left.length > 0) throw notConverged(kind, session, task.want, left);
      return { reported: report(kind, task.want, after), machine: after.machine };
    } catch (failure) {
      if (!(failure instanceof LvsError) || failure instanceof Moved) throw failure;
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
  return unlessMoved(async () => {
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
      const looks = await runSteps(session, name, [giveUp, ...steps], lookCommands(kind, task));
      if (looks.failure) throw looks.failure;
      const after = readLook(kind, session, task, name, before.machine, looks.replies);
      const left = plan(kind, session, change, after);
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

interface Look<Seen> {
  readonly name: string;
  readonly machine: string;
  readonly entry: Entry<Seen> | undefined;
  readonly seen: Seen;
  readonly boot: ReadonlyMap<string, BootState>;
}

async function look<Want extends object, Seen>(kind: Kind<Want, Seen>, session: Session, task: Task<Want>) {
  const name = entryName(kind.name, kind.identity((task.want ?? task.had) as Want));
  const answer = await session.run({ looks: [disarmFormer(name), ...lookCommands(kind, task)] });
  const looks = answer.looks.slice(1);
  const entry = parseEntry(looks[0]?.stdout ?? "");
  task.meet?.(answer.machine, Object.keys(entry?.owners ?? {}));
  return readLook(kind, session, task, name, answer.machine, looks);
}

function lookCommands<Want extends object, Seen>(kind: Kind<Want, Seen>, task: Task<Want>) {
  const name = entryName(kind.name, kind.identity((task.want ?? task.had) as Want));
  return [lookUp(name), ...bootFiles(kind, task).map(lookAtBoot), ...kind.observe({ had: task.had, want: task.want })];
}

function readLook<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want>,
  name: string,
  machine: string,
  replies: readonly Reply[],
): Look<Seen> {
  const files = bootFiles(kind, task);
  const [entry, ...rest] = replies as [Reply, ...Reply[]];
  return {
    name,
    machine,
    entry: parseEntry<Seen>(entry.stdout),
    boot: new Map(files.map((file, i) => [file.path, bootState(file, rest[i] as Reply)])),
    seen: named(session, () => kind.read(rest.slice(files.length), { had: task.had, want: task.want })),
  };
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

async function unlessMoved<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Moved) || tries === 5) throw error;
    }
  }
}
