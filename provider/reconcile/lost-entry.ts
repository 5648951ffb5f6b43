import type { Session } from "../host/command";
import { LvsError } from "../host/errors";
import type { Kind } from "./kind";
import { FOLDER } from "./ledger";
import type { Look } from "./task";

// A thing that a state knows, and a host that has it as declared, without an entry in the ledger: somebody has removed the ledger,
// or restored it from a backup of before. Nobody knows then what was there before us, so nothing can be put back.

/** Whether the thing is as declared, and the ledger has no entry of it. */
export function hasLostEntry<Want extends object, Seen>(kind: Kind<Want, Seen>, want: Want, now: Look<Seen>): boolean {
  if (now.entry) return false;
  try {
    return kind.plan({ had: want, want, found: now.seen }, now.seen).length === 0;
  } catch (error) {
    // What cannot be brought to what is declared is not as declared.
    if (error instanceof LvsError) return false;
    throw error;
  }
}

const WHAT_FOLLOWS = {
  read: "a delete will leave it there. Was the ledger removed, or restored from an older backup? Put the entry back",
  apply: "what is there now counts as found, and a delete will leave that",
  remove: "it stays as it is. Take it away by hand; of a file, what was kept is there, with .found after the name",
};

/** Says what follows from it. */
export function tellLostEntry<Want extends object, Seen>(
  kind: Kind<Want, Seen>,
  session: Session,
  want: Want,
  { name }: Look<Seen>,
  during: keyof typeof WHAT_FOLLOWS,
): void {
  console.log(
    `warning: host ${session.name}: ${kind.name} ${kind.identity(want)}: the host's ledger says no more what was there before ` +
      `(${FOLDER}/${name} is gone): ${WHAT_FOLLOWS[during]}`,
  );
}
