import { type Command, inline } from "../host/command";
import { inFolder, intoPlace } from "../host/shell";
import { entryName, formerEntryName } from "./entry-name";
import type { Kind } from "./kind";
import { FOLDER } from "./ledger";

/**
 * Gives an entry that an earlier version wrote under another name, and what was kept beside it, today's name. Only an entry that
 * says that it is of this identity is taken.
 */
export function adoptFormer<Want extends object>(kind: Kind<Want>, want: Want): Command[] {
  const identity = kind.identity(want);
  const name = entryName(kind.name, identity);
  const formers = [identity, ...(kind.formerly?.(want).identities ?? [])]
    .map((one) => ({ identity: one, name: formerEntryName(kind.name, one) }))
    .filter((one) => one.name !== name);
  if (formers.length === 0) return [];
  const script = `name=$1; shift
    while [ $# -gt 0 ] && [ ! -e "$name" ]; do
      if [ -e "$1" ] && grep -qsF -- "$2" "$1"; then
        [ ! -e "$1.found" ] && [ ! -L "$1.found" ] || ${intoPlace('"$1.found"', `"${FOLDER}/$name.found"`)}
        ${intoPlace('"$1"', `"${FOLDER}/$name"`)}
      fi
      shift 2
    done`;
  const pairs = formers.flatMap((one) => [one.name, `"identity":${JSON.stringify(one.identity)}`]);
  return [inline(inFolder(FOLDER, script), name, ...pairs)];
}
