import { type Command, Secret, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { forGood, intoPlace } from "../host/shell";
import { entryName } from "./entry-name";
import { digest } from "./equality";

/**
 * An entry of the ledger, which each host has on its disk: what a thing was before we changed it, and who declares the thing
 * now. The entry is written before the first change and removed after the last. So neither an interrupted create nor a second
 * stack can lose what was found.
 */
export interface Entry<Seen = unknown> {
  readonly kind: string;
  readonly identity: string;
  readonly found: Seen;
  /** Who declares the thing (project/stack/resource), and a digest of each declaration. */
  readonly owners: Readonly<Record<string, string>>;
  /** The names of entries of other kinds whose things this one takes over: see `Kind.keeps`. */
  readonly keeps?: readonly string[];
}

/** The stack of an owner: "project/stack". */
export function stackOf(owner: string): string {
  return owner.split("/").slice(0, 2).join("/");
}

export const FOLDER = "/var/lib/lvs/ledger";

export { entryName };

/** The path at which a kind may keep what does not fit into an entry, like the file that it replaced. */
export function keptFile(kind: string, identity: string): string {
  return `${FOLDER}/${entryName(kind, identity)}.found`;
}

export function entryOf<Seen>(name: string): Fact<Entry<Seen> | undefined> {
  return printed(sh(`[ ! -e "$1" ] || cat "$1"`, `${FOLDER}/${name}`), (text) => parseEntry<Seen>(text));
}

/** Whether a thing of another kind has taken over the thing with this entry (`Kind.keeps`). */
export function isKept(name: string): Fact<boolean> {
  const ask = sh(`cd ${FOLDER} 2>/dev/null && grep -ls '"keeps":\\[[^]]*"'"$1"'"' -- * || :`, name);
  return printed(ask, (keepers) => keepers.trim() !== "");
}

function parseEntry<Seen>(text: string): Entry<Seen> | undefined {
  return text.trim() === "" ? undefined : (JSON.parse(text) as Entry<Seen>);
}

/** Exit status of `record` and `forget` if another run changed the entry after it was read. */
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
    cat >"$1.new" && ${intoPlace('"$1.new"', '"$1"')}`;
  return {
    ...sh(script, `${FOLDER}/${name}`, mark(before)),
    stdin: new Secret(render(after)),
  };
}

/** Removes the entry if the entry still is `before`. The folders are removed with the last entry. */
export function forget(name: string, before: Entry | undefined): Command {
  return sh(
    `${UNCHANGED}
    rm -f "$1" "$1.found" "$1.new" && { rmdir -p --ignore-fail-on-non-empty ${FOLDER} 2>/dev/null || :; } && ${forGood('"$1"')}`,
    `${FOLDER}/${name}`,
    mark(before),
  );
}

function mark(entry: Entry | undefined): string {
  return entry ? digest(render(entry)) : ABSENT;
}

function render(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}
