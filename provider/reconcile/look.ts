import type { Session } from "../host/command";
import { each, type Fact, facts, known, map } from "../host/fact";
import { type BootState, bootState } from "./boot";
import { about, type Kind } from "./kind";
import { type Entry, entryName, entryOf } from "./ledger";
import { disarmFormer } from "./risky";
import { bootFiles, named } from "./whole-kind";

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

/** What is there on the host, and what it remembers. */
export interface There<Seen> {
  /** Of the entry. */
  readonly name: string;
  readonly entry: Entry<Seen> | undefined;
  readonly boot: ReadonlyMap<string, BootState>;
  readonly seen: Seen;
}

export interface Look<Seen> extends There<Seen> {
  readonly machine: string;
}

/** The first look of a run: it learns which machine answers, and calls off what a former run left armed. */
export async function look<Want extends object, Seen>(kind: Kind<Want, Seen>, session: Session, task: Task<Want>) {
  const name = nameOf(kind, task);
  const entry = entryOf<Seen>(name);
  const rest = there(kind, session, task);
  const { machine, looks } = await session.run({ looks: [disarmFormer(name), ...rest.ask] });
  const replies = looks.slice(1);
  // Its entry, which is asked first, is all that counts of a machine that is another one than was expected.
  task.judge?.(machine, Object.keys(entry.read(replies)?.owners ?? {}));
  return { ...rest.read(replies), machine };
}

export function there<Want extends object, Seen>(
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

export function nameOf<Want extends object>(kind: Kind<Want>, task: Task<Want>): string {
  return entryName(kind.name, kind.identity(about(task)));
}
