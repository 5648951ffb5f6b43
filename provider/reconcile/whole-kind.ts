import type { Session } from "../host/command";
import { named } from "../host/fact";
import { rememberedOf } from "../model";
import { removeBoot, writeBoot } from "./boot";
import type { BootFile, Change, FormerBootFile, Kind, Step } from "./kind";
import type { Observed, Task } from "./task";

// A kind together with its boot files, which all kinds handle alike.

/**
 * The boot files to look at: those of earlier versions, the former ones and the wanted ones. If two of the last name one path, the
 * wanted text counts.
 */
export function bootFiles<Want extends object>(kind: Kind<Want>, task: Pick<Task<Want>, "had" | "want">): BootFile[] {
  const files = [...earlierBoot(kind, task), ...formerBoot(kind, task.had), ...wantedBoot(kind, task.want)];
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

export function wantedBoot<Want extends object>(kind: Kind<Want>, want: Want | undefined): BootFile[] {
  return want && (want as { boot?: boolean }).boot !== false ? filesOf(kind, want).today : [];
}

/**
 * The boot files of the former declaration. `boot` is ignored here: a refresh may have set it to false after a change on the
 * host, and the files have to go all the same.
 */
export function formerBoot<Want extends object>(kind: Kind<Want>, had: Want | undefined): BootFile[] {
  return had ? filesOf(kind, had).today : [];
}

interface Files {
  readonly today: BootFile[];
  readonly earlier: readonly FormerBootFile[];
}

/** Each run asks for the files of a declaration a dozen times, and those of ten thousand destinations take long to make. */
const made = rememberedOf((kind: Kind) =>
  rememberedOf(
    (want: object): Files => ({ today: kind.boot?.(want) ?? [], earlier: kind.formerly?.(want).boot ?? [] }),
  ),
);

function filesOf<Want extends object>(kind: Kind<Want>, want: Want): Files {
  return made(kind as unknown as Kind)(want);
}

/** The boot files under the names that earlier versions gave them. The former declaration says what is in them. */
function earlierBoot<Want extends object>(kind: Kind<Want>, { had, want }: Pick<Task<Want>, "had" | "want">) {
  const files = [want, had].flatMap((one) => (one ? filesOf(kind, one).earlier : []));
  const today = [...wantedBoot(kind, want), ...formerBoot(kind, had)];
  return files.filter((file) => !today.some(({ path }) => path === file.path));
}

function isOurs({ path, shared }: FormerBootFile, boot: Observed<unknown>["boot"]): boolean {
  return boot.get(path) === "as wanted" || (!shared && boot.get(path) !== "absent");
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
  const { had, want } = change;
  const wanted = wantedBoot(kind, want);
  const leftovers = formerBoot(kind, had).filter((file) => !wanted.some(({ path }) => path === file.path));
  const remove = leftovers.filter((file) => boot.get(file.path) !== "absent").map(removeBoot);
  const write = wanted.filter((file) => boot.get(file.path) !== "as wanted").map(writeBoot);
  const under = new Map(earlierBoot(kind, change).map((file) => [file.path, file]));
  const earlier = [...under.values()].filter((file) => isOurs(file, boot)).map(removeBoot);
  const steps = named(session, () => kind.plan(change, seen));
  const gone = [...remove, ...(want ? [] : earlier)];
  const there = [...write, ...(want ? earlier : [])];
  return steps.some(({ risky }) => risky) ? [...steps, ...gone, ...there] : [...gone, ...steps, ...there];
}

export function report<Want extends object, Seen>(kind: Kind<Want, Seen>, want: Want, { seen, boot }: Observed<Seen>) {
  const wanted = wantedBoot(kind, want);
  const isThere = (files: readonly BootFile[]) => files.every((file) => boot.get(file.path) === "as wanted");
  const earlier = earlierBoot(kind, { want });
  const seenBoot = wanted.length > 0 ? { boot: isThere(wanted) || earlier.some((one) => isThere([one])) } : {};
  return { ...want, ...kind.report(want, seen), ...seenBoot } as Record<string, unknown>;
}
