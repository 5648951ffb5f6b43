import type { Session } from "../host/command";
import { LvsError } from "../host/errors";
import { removeBoot, writeBoot } from "./boot";
import type { BootFile, Change, Kind, Step } from "./kind";
import type { Task, There } from "./look";

// A kind together with what all kinds have: the files that bring a thing back at boot.

/** The boot files to look at: those that are wanted, and those that were. The wanted text counts. */
export function bootFiles<Want extends object>(kind: Kind<Want>, task: Pick<Task<Want>, "had" | "want">): BootFile[] {
  const files = [...formerBoot(kind, task.had), ...wantedBoot(kind, task.want)];
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

export function wantedBoot<Want extends object>(kind: Kind<Want>, want: Want | undefined): BootFile[] {
  return want && (want as { boot?: boolean }).boot !== false ? (kind.boot?.(want) ?? []) : [];
}

/** What it had may have been refreshed to `boot: false` by a change on the host: its files go all the same. */
export function formerBoot<Want extends object>(kind: Kind<Want>, had: Want | undefined): BootFile[] {
  return had ? (kind.boot?.(had) ?? []) : [];
}

/** The present first and then its return at boot; going, its return at boot is undone first. */
export function plan<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  change: Change<Want, Seen>,
  { seen, boot }: Pick<There<Seen>, "seen" | "boot">,
): Step[] {
  const wanted = wantedBoot(kind, change.want);
  const leftovers = formerBoot(kind, change.had).filter((file) => !wanted.some(({ path }) => path === file.path));
  const remove = leftovers.filter((file) => boot.get(file.path) !== "absent").map(removeBoot);
  const write = wanted.filter((file) => boot.get(file.path) !== "as wanted").map(writeBoot);
  return [...remove, ...named(session, () => kind.plan(change, seen)), ...write];
}

/** What a kind has to say against a host names the host. */
export function named<T>(session: Session, judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof LvsError)) throw error;
    throw new LvsError(`host ${session.name}: ${error.message}`, { cause: error });
  }
}

export function report<Want extends object, Seen>(kind: Kind<Want, Seen>, want: Want, { seen, boot }: There<Seen>) {
  const wanted = wantedBoot(kind, want);
  const lives = wanted.length > 0 ? { boot: wanted.every((file) => boot.get(file.path) === "as wanted") } : {};
  return { ...want, ...kind.report(want, seen), ...lives } as Record<string, unknown>;
}
