import { type Command, inline, Secret, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, jsonOf, printed } from "../host/fact";
import { forGood, INPUT_INTO_PLACE, inFolder, reading } from "../host/shell";
import { entryName } from "./entry-name";
import { digest } from "./equality";
import { type Owners, whyNoOwner } from "./owners";

/**
 * An entry of the ledger, which each host has on its disk: what a thing was before we changed it, and who declares the thing
 * now. The entry is written before the first change and removed after the last. So neither an interrupted create nor a second
 * stack can lose what was found.
 */
export interface Entry<Seen = unknown> {
  readonly kind: string;
  readonly identity: string;
  readonly found: Seen;
  readonly owners: Owners;
  /** The names of entries of other kinds whose things this one takes over: see `Kind.keeps`. */
  readonly keeps?: readonly string[];
}

export const FOLDER = "/var/lib/lvs/ledger";

export { entryName };

/** The path at which a kind may keep what does not fit into an entry, like the file that it replaced. */
export function keptFile(kind: string, identity: string): string {
  return `${FOLDER}/${entryName(kind, identity)}.found`;
}

export function entryOf<Seen>(name: string): Fact<Entry<Seen> | undefined> {
  const file = `${FOLDER}/${name}`;
  return printed(inline(reading('"$1"', "echo it; cat", "echo it"), file), (text) =>
    text === "" ? undefined : parseEntry<Seen>(file, text.slice("it\n".length)),
  );
}

/** Whether a thing of another kind has taken over the thing with this entry (`Kind.keeps`). */
export function isKept(name: string): Fact<boolean> {
  const ask = inline(inFolder(FOLDER, `grep -ls '"keeps":\\[[^]]*"'"$1"'"' -- * || :`), name);
  return printed(ask, (keepers) => keepers.trim() !== "");
}

/** What an entry was read from. An entry that somebody has written anew by hand, as with an editor, has another text than ours. */
const texts = new WeakMap<Entry, string>();

/**
 * A loss of power could empty an entry that a former version wrote, and somebody may have changed one by hand. An entry that is
 * there never counts as none, and one that lacks what was found never as one that found nothing.
 */
export function parseEntry<Seen>(file: string, text: string): Entry<Seen> {
  const entry = jsonOf<Entry<Seen> | null>(text, (why) => unreadable(file, why));
  if (!isRecord(entry?.owners)) throw new LvsError(unreadable(file, "it names no owners"));
  const why =
    Object.entries(entry.owners).flatMap(([owner, it]) => whyNoOwner(owner, it) ?? [])[0] ??
    ("found" in entry ? undefined : "it does not say what was found");
  if (why !== undefined) throw new LvsError(unreadable(file, why));
  texts.set(entry, text);
  return entry;
}

function unreadable(file: string, why: string): string {
  return (
    `${file}, which says what was found there before the first change, cannot be read: ${why}. Did the host lose power, or did ` +
    "somebody change the file? Put a copy from a backup there. Without one, remove the file: what is there now then counts as found, and stays"
  );
}

/**
 * Throws where what was found is no such thing as what is seen: without it, a delete would take away what was there before us.
 *
 * @param mayBeNothing what is seen of such a thing may be null
 */
export function refuseOtherFound(name: string, { found }: Entry, seen: unknown, mayBeNothing: boolean): void {
  if (found === null || seen === null) {
    if (mayBeNothing || (found === null && seen === null)) return;
  } else if (!isRecord(found) || !isRecord(seen)) {
    if (typeof found === typeof seen && Array.isArray(found) === Array.isArray(seen)) return;
  } else if (Object.keys(found).some((key) => key in seen) || Object.keys(seen).length === 0) return;
  throw new LvsError(unreadable(`${FOLDER}/${name}`, "what was found is no such thing"));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Exit status of `record`, `forget` and `unchanged` if another run changed the entry after it was read. */
export const CHANGED = 73;

/** Stands for the digest of an entry that is not there. */
const ABSENT = "absent";

/** Shell: exits unless the entry is still the one that was read. */
const UNCHANGED = `now=${ABSENT}; [ ! -e "$1" ] || now=$(sha256sum <"$1"); [ "\${now%% *}" = "$2" ] || exit ${CHANGED}`;

/**
 * Replaces the entry if the entry still is `before`. The new entry is on the disk when the command ends. Entries may hold
 * secrets that were found, so only root can read them.
 */
export function record(name: string, before: Entry | undefined, after: Entry): Command {
  // Another run that removes the last entry removes the folder, too. That may happen after we made the folder and before we
  // write to it, so both are tried again.
  const script = `umask 077; ${UNCHANGED}
    tries=0; until { [ -d ${FOLDER} ] || mkdir -p ${FOLDER}; } && true >"$1.new"; do tries=$((tries + 1)); [ $tries -lt 9 ] || exit 1; done
    ${INPUT_INTO_PLACE}`;
  return {
    ...sh(script, `${FOLDER}/${name}`, mark(before)),
    stdin: new Secret(render(after)),
  };
}

/** Fails unless the entry still is this one. */
export function unchanged(name: string, entry: Entry): Command {
  return sh(UNCHANGED, `${FOLDER}/${name}`, mark(entry));
}

/** Removes the entry if the entry still is `before`. The folders are removed with the last entry. */
export function forget(name: string, before: Entry | undefined): Command {
  return sh(`${UNCHANGED}\n${FORGOTTEN}`, `${FOLDER}/${name}`, mark(before));
}

/**
 * Removes the entry at the end of a trip that has seen it or written it, before it was read back whether the thing is as it was
 * found. A file that was found stays until then, and with it the entry.
 */
export function forgetUnlessKept(name: string): Command {
  return sh(`[ -e "$1.found" ] || [ -L "$1.found" ] || { ${FORGOTTEN}; }`, `${FOLDER}/${name}`);
}

/** Shell: removes the folders with the last entry. As long as another entry is there, no program is started. */
const TIDY = `{ for one in ${FOLDER}/*; do break; done; [ -e "$one" ] || rmdir -p --ignore-fail-on-non-empty ${FOLDER} 2>/dev/null || :; }`;

const FORGOTTEN = `rm -f "$1" "$1.found" "$1.found.new" "$1.new" && ${TIDY} && ${forGood('"$1"')}`;

function mark(entry: Entry | undefined): string {
  return entry ? digest(texts.get(entry) ?? render(entry)) : ABSENT;
}

function render(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}
