import type { Session } from "../host/command";
import { named } from "../host/fact";
import { removeBoot, writeBoot } from "./boot";
import type { BootFile, Change, Kind, Step } from "./kind";
import type { Observed, Task } from "./task";

// A kind together with its boot files, which all kinds handle alike.

/** The boot files to look at: the wanted ones and the former ones. If both name one path, the wanted text counts. */
export function bootFiles<Want extends object>(kind: Kind<Want>, task: Pick<Task<Want>, "had" | "want">): BootFile[] {
  const files = [...formerBoot(kind, task.had), ...wantedBoot(kind, task.want)];
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

export function wantedBoot<Want extends object>(kind: Kind<Want>, want: Want | undefined): BootFile[] {
  return want && (want as { boot?: boolean }).boot !== false ? (kind.boot?.(want) ?? []) : [];
}

/**
 * The boot files of the former declaration. `boot` is ignored here: a refresh may have set it to false after a change on the
 * host, and the files have to go all the same.
 */
export function formerBoot<Want extends object>(kind: Kind<Want>, had: Want | undefined): BootFile[] {
  return had ? (kind.boot?.(had) ?? []) : [];
}

/**
 * All steps of a change. Obsolete boot files are removed before the thing changes, and wanted ones are written after that. Where
 * the change may cut us off, obsolete ones stay until it is proven harmless: a host that undoes the change still needs them at
 * its next boot.
 */
export function plan<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  change: Change<Want, Seen>,
  { seen, boot }: Pick<Observed<Seen>, "seen" | "boot">,
): Step[] {
  const wanted = wantedBoot(kind, change.want);
  const leftovers = formerBoot(kind, change.had).filter((file) => !wanted.some(({ path }) => path === file.path));
  const remove = leftovers.filter((file) => boot.get(file.path) !== "absent").map(removeBoot);
  const write = wanted.filter((file) => boot.get(file.path) !== "as wanted").map(writeBoot);
  const steps = named(session, () => kind.plan(change, seen));
  return steps.some(({ risky }) => risky) ? [...steps, ...remove, ...write] : [...remove, ...steps, ...write];
}

export function report<Want extends object, Seen>(kind: Kind<Want, Seen>, want: Want, { seen, boot }: Observed<Seen>) {
  const wanted = wantedBoot(kind, want);
  const seenBoot = wanted.length > 0 ? { boot: wanted.every((file) => boot.get(file.path) === "as wanted") } : {};
  return { ...want, ...kind.report(want, seen), ...seenBoot } as Record<string, unknown>;
}
