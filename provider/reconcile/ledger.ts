import { type Command, Secret, sh } from "../host/command";
import { type Fact, printed } from "../host/fact";
import { forGood, intoPlace } from "../host/shell";
import { digest } from "./equality";

/**
 * The host's own memory of a thing that we changed: what was there before, and who declares it now. Written before the first
 * change and removed after the last, so that neither an interrupted create nor a second stack can lose what was found.
 */
export interface Entry<Seen = unknown> {
  readonly kind: string;
  readonly identity: string;
  readonly found: Seen;
  /** Who declares it (project/stack/resource), and a digest of what they declare. */
  readonly owners: Readonly<Record<string, string>>;
  /** Entries of other kinds whose things this one looks after: see `Kind.keeps`. */
  readonly keeps?: readonly string[];
}

/** Of an owner. */
export function stackOf(owner: string): string {
  return owner.split("/").slice(0, 2).join("/");
}

export const FOLDER = "/var/lib/lvs/ledger";

/** The name under which a thing's entry, locks and kept files lie: readable, and short enough for a file name. */
export function entryName(kind: string, identity: string): string {
  const plain = `${kind}.${encodeURIComponent(identity)}`;
  return plain.length <= 150 ? plain : `${plain.slice(0, 120)}.${digest(identity).slice(0, 24)}`;
}

/** Where a kind may keep what does not fit into an entry: the file that it replaced. */
export function keptFile(kind: string, identity: string): string {
  return `${FOLDER}/${entryName(kind, identity)}.found`;
}

export function entryOf<Seen>(name: string): Fact<Entry<Seen> | undefined> {
  return printed(sh(`[ ! -e "$1" ] || cat "$1"`, `${FOLDER}/${name}`), (text) => parseEntry<Seen>(text));
}

/** Whether something of another kind looks after the thing with this entry. */
export function isKept(name: string): Fact<boolean> {
  const ask = sh(`cd ${FOLDER} 2>/dev/null && grep -ls '"keeps":\\[[^]]*"'"$1"'"' -- * || :`, name);
  return printed(ask, (keepers) => keepers.trim() !== "");
}

function parseEntry<Seen>(text: string): Entry<Seen> | undefined {
  return text.trim() === "" ? undefined : (JSON.parse(text) as Entry<Seen>);
}

/** Exit status of `record` when the entry is not the one that was looked up: somebody else was faster. */
export const CHANGED = 73;

/** In the place of the digest of an entry that is not there. */
const ABSENT = "absent";

/** Goes on only while the entry is the one that was looked up. */
const UNCHANGED = `now=${ABSENT}; [ ! -e "$1" ] || now=$(sha256sum <"$1"); [ "\${now%% *}" = "$2" ] || exit ${CHANGED}`;

/**
 * Replaces the entry, if it still is `before`, and has it on the disk before anything else is changed. Entries may hold secrets
 * that were found: they are root's alone.
 */
export function record(name: string, before: Entry | undefined, after: Entry): Command {
  // The last entry of others takes the folder along when it goes: that may be between making it and writing to it.
  const script = `umask 077; ${UNCHANGED}
    tries=0; until { [ -d ${FOLDER} ] || mkdir -p ${FOLDER}; } && true >"$1.new"; do tries=$((tries + 1)); [ $tries -lt 9 ] || exit 1; done
    cat >"$1.new" && ${intoPlace('"$1.new"', '"$1"')}`;
  return {
    ...sh(script, `${FOLDER}/${name}`, mark(before)),
    stdin: new Secret(render(after)),
  };
}

/** Forgets the entry, if it still is `before`; the folders go with the last one. */
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
