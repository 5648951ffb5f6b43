import type { Session } from "../host/command";
import { each, type Fact, facts, known, map, named } from "../host/fact";
import { giveWay } from "../host/give-way";
import { bootState } from "./boot";
import { adoptFormer } from "./former-names";
import { about, type Kind } from "./kind";
import { entryName, entryOf, refuseOtherFound } from "./ledger";
import { disarmFormer } from "./risky";
import type { Observed, Task } from "./task";
import { bootFiles } from "./whole-kind";

/**
 * The first look of a run. It also reads which machine answers, cancels the undo that an interrupted run left armed, and gives
 * an entry of an earlier version today's name.
 */
export async function look<Want extends object, Seen>(kind: Kind<Want, Seen>, session: Session, task: Task<Want>) {
  const name = nameOf(kind, task);
  const entry = entryOf<Seen>(name);
  const rest = observed(kind, session, task);
  const before = [disarmFormer(name), ...adoptFormer(kind, about(task))];
  const advice = task.advice?.fact ?? known([]);
  const { machine, looks } = await session.run({ looks: [...before, ...rest.ask, ...advice.ask] });
  await giveWay();
  const asked = before.length + rest.ask.length;
  const replies = looks.slice(before.length, asked);
  // `observed` asks for the entry first, so the entry can be read alone. The other replies of an unexpected machine do not
  // count, and reading them might throw another error.
  const owners = named(session, () => entry.read(replies))?.owners ?? {};
  task.judge?.(machine, Object.keys(owners));
  await giveWay();
  task.advice?.tell(advice.read(looks.slice(asked)));
  await giveWay();
  const seen = rest.read(replies);
  await giveWay();
  return { ...seen, machine };
}

export function observed<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  task: Task<Want>,
): Fact<Observed<Seen>> {
  const name = nameOf(kind, task);
  const files = bootFiles(kind, task).map((file) => map(bootState(file), (state) => [file.path, state] as const));
  const { ask, read } = facts<Observed<Seen>>({
    name: known(name),
    entry: entryOf<Seen>(name),
    boot: map(each(files), (states) => new Map(states)),
    seen: kind.look({ had: task.had, want: task.want }),
  });
  const judged = (now: Observed<Seen>) => {
    if (now.entry) refuseOtherFound(name, now.entry, now.seen, kind.mayBeNothing === true);
    return now;
  };
  return { ask, read: (replies) => named(session, () => judged(read(replies))) };
}

export function nameOf<Want extends object>(kind: Kind<Want>, task: Task<Want>): string {
  return entryName(kind.name, kind.identity(about(task)));
}
