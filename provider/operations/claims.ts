import { inline } from "../host/command";
import type { DeclaredHost } from "../host/declared";
import { LvsError } from "../host/errors";
import { type Fact, find, printed } from "../host/fact";
import { withSession } from "../host/pool";
import { inFolder, reading } from "../host/shell";
import { ON_ONE_LINE, textOf } from "../linux/on-one-line";
import { type Entry, FOLDER, parseEntry, record } from "../reconcile/ledger";
import { stackOf } from "../reconcile/owners";
import { act } from "../reconcile/steps";

/** What the ledger of a host says of one owner of one thing. */
export interface Claim {
  readonly kind: string;
  readonly identity: string;
  /** The resource that declares it: "project/stack/…"; undefined if its stack was released, and nobody declares it since. */
  readonly owner?: string;
  /** When the owner wrote it last. Version 0.1.0 did not note that. */
  readonly seen?: string;
}

/** What stacks have declared on the host. */
export async function claimsOn(host: DeclaredHost): Promise<Claim[]> {
  return [...(await withSession(host, (session) => find(session, entries)))].flatMap(([, entry]) => claims(entry));
}

/**
 * Takes a stack that is gone out of the host's ledger. What the stack declared stays as it is, and so does what was found before:
 * the next stack that declares the thing and gives it up puts that back. Returns what was released.
 */
export async function releaseClaims(host: DeclaredHost, stack: string): Promise<Claim[]> {
  if (!/^[^/]+\/[^/]+$/.test(stack)) throw new LvsError(`"${stack}" names no stack: a stack is named "project/stack"`);
  return withSession(host, async (session) => {
    const held = [...(await find(session, entries))].filter(([, { owners }]) => Object.keys(owners).some(isOf(stack)));
    const steps = held.map(([name, entry]) => {
      const kept = Object.entries(entry.owners).filter(([owner]) => !isOf(stack)(owner));
      const run = record(name, entry, { ...entry, owners: Object.fromEntries(kept) });
      return { run, purpose: `releasing ${entry.kind} ${entry.identity}` };
    });
    for (const step of steps) await act(session, "claims", [step]);
    return held.flatMap(([, entry]) => claims(entry).filter(({ owner }) => owner !== undefined && isOf(stack)(owner)));
  });
}

function isOf(stack: string): (owner: string) => boolean {
  return (owner) => stackOf(owner) === stack;
}

function claims({ kind, identity, owners }: Entry): Claim[] {
  const all = Object.entries(owners).map(([owner, it]) => ({
    ...{ kind, identity, owner },
    ...(typeof it === "object" && it.seen && { seen: it.seen }),
  }));
  return all.length > 0 ? all : [{ kind, identity }];
}

const NAME = `printf '%s ' "$entry"`;

function entryIn(name: string, line: string): Entry {
  return parseEntry(`${FOLDER}/${name}`, textOf(line));
}

/** The entries of the ledger by their names. A mark of a folder that we made for a file says nothing more (made-folders.ts). */
const entries: Fact<Map<string, Entry>> = printed(
  inline(
    inFolder(
      FOLDER,
      `for entry in *; do case $entry in *.found|*.new|Folder.*) continue;; esac
      [ ! -f "$entry" ] || ${reading('"$entry"', `${NAME}; ${ON_ONE_LINE}`, `{ ${NAME}; echo; }`)}; done`,
    ),
  ),
  (output) =>
    new Map(
      output.split("\n").flatMap((line) => {
        const at = line.indexOf(" ");
        return at < 0 ? [] : [[line.slice(0, at), entryIn(line.slice(0, at), line.slice(at + 1))]];
      }),
    ),
);
