import type { z } from "zod";
import type { Session } from "../host/command";
import { LvsError } from "../host/errors";
import type { Kind } from "./kind";
import { apply, type Outcome, read, remove } from "./reconcile";
import type { Task } from "./task";

// One resource that declares several things of one kind. Each thing keeps its own entry in the ledger, so that it has its own
// owners, and is put back by itself.

export interface Several<Whole extends object = object, Want extends object = object, Seen = unknown> {
  /** The resource's type: "Sysctls". */
  readonly name: string;
  readonly inputs: z.ZodType<Whole>;
  /** The property that has a value for each thing. */
  readonly property: string;
  /** The kind of the things. */
  readonly of: Kind<Want, Seen>;
  /** The things that are declared, by the names under which the resource has them. */
  things(whole: Whole): Readonly<Record<string, Want>>;
  /** What was seen of all things, in the shape of the inputs. A thing that is gone is undefined. */
  report(whole: Whole, seen: ReadonlyMap<string, Reported>): Record<string, unknown>;
}

export type Reported = Outcome["reported"];

type TaskOf<Whole> = Task<Whole> & { readonly want: Whole };

/**
 * Brings all things to what is declared. A thing that is no longer declared goes first: where that fails, the state of before
 * stays, which still knows the thing.
 */
export async function applyAll<Whole extends object, Want extends object, Seen>(
  several: Several<Whole, Want, Seen>,
  session: Session,
  task: TaskOf<Whole>,
): Promise<Outcome> {
  const { want: whole, had: before, advice: _, ...all } = task;
  const wanted = several.things(whole);
  const had = before ? several.things(before) : {};
  await removeThese(
    several,
    session,
    all,
    Object.entries(had).flatMap(([name, one]) => (name in wanted ? [] : [one])),
  );
  const asked = Object.entries(wanted).map(([name, want]) =>
    apply(several.of, session, { ...all, had: had[name], want }),
  );
  const ended = await Promise.allSettled(asked);
  const done = ended.map((one) => (one.status === "fulfilled" ? one.value : undefined));
  const failures = ended.map((one) => (one.status === "fulfilled" ? one.value.failure : one.reason));
  const failure = failures.find((one) => one !== undefined);
  const machine = done.find((one) => one !== undefined)?.machine;
  // Where nothing was changed, the state of before is true. Otherwise the state has to know of all things.
  if (machine === undefined || (failure !== undefined && !(failure instanceof LvsError))) throw failure;
  const seen = Object.entries(wanted).map(
    ([name, want], i) => [name, done[i] ? done[i].reported : ({ ...want } as Reported)] as const,
  );
  return { reported: several.report(whole, new Map(seen)), machine, ...(failure && { failure }) };
}

/** Looks only. `reported` is undefined if the host has none of the things, and no entry for one. */
export async function readAll<Whole extends object, Want extends object, Seen>(
  several: Several<Whole, Want, Seen>,
  session: Session,
  task: TaskOf<Whole>,
): Promise<Outcome> {
  const { want: whole, had: _, advice: __, ...all } = task;
  const wanted = several.things(whole);
  const asked = Object.values(wanted).map((want) => read(several.of, session, { ...all, want }));
  const outcomes = await Promise.all(asked);
  const seen = new Map(Object.keys(wanted).map((name, i) => [name, outcomes[i]?.reported]));
  return {
    reported: outcomes.some(({ reported }) => reported) ? several.report(whole, seen) : undefined,
    machine: (outcomes[0] as Outcome).machine,
    ...(outcomes.some(({ isTakenOver }) => isTakenOver) && { isTakenOver: true }),
  };
}

/** Removes the owner from the entries of all things. */
export function removeAll<Whole extends object, Want extends object, Seen>(
  several: Several<Whole, Want, Seen>,
  session: Session,
  task: Task<Whole> & { readonly had: Whole },
): Promise<void> {
  const { had, want: _, advice: __, ...all } = task;
  return removeThese(several, session, all, Object.values(several.things(had)));
}

/** All are tried before the first failure is told. */
async function removeThese<Whole extends object, Want extends object, Seen>(
  { of }: Several<Whole, Want, Seen>,
  session: Session,
  task: Omit<Task<Want>, "had" | "want">,
  these: readonly Want[],
): Promise<void> {
  const ended = await Promise.allSettled(these.map((had) => remove(of, session, { ...task, had })));
  const failed = ended.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}
