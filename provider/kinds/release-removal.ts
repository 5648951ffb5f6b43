import { type Application, GIVE, unitFile, unitOf } from "../application/places";
import { sh } from "../host/command";
import { ENABLED_FOR_GOOD, forGood } from "../host/shell";
import { WALK } from "../linux/walk";
import type { Step } from "../reconcile/kind";
import { INCOMING, incoming } from "./release-arrival";
import { foldersDownTo, type Seen } from "./release-seen";

/** The application that goes, and whether its data go with it. */
interface Removed extends Application {
  readonly deleteData: boolean;
}

/** What of an application is on a server, whichever release is declared. */
type Present = Omit<Seen, "intact" | "files">;

/** Ends the application and removes its releases. What was found before the first one stays, and whatever is in it. */
export function removeAll(had: Removed, seen: Present, found: Present | undefined): Step[] {
  const before = found?.current ?? "";
  const data = had.deleteData ? Object.keys(seen.shared).filter((name) => found?.shared[name] === undefined) : [];
  const given = givenAway(had, seen, found);
  const folders = ours(had, seen, found);
  const isHollow = folders.some((folder) => seen.folders?.[folder]?.endsWith(EMPTY));
  const runs = seen.releases.length > 0 || seen.unit || seen.current !== before || seen.rest;
  if (!runs && data.length === 0 && given.length === 0 && !isHollow) return [];
  return [
    ...(runs ? [ending(had, seen, found)] : []),
    ...data.map((name) => removing(`${had.root}/shared/${name}`)),
    ...given.map(([folder, owner]) => givingBack(folder, owner)),
    tidying(had.root, folders),
  ];
}

const EMPTY = " empty";

function ending(had: Application, seen: Present, found: Present | undefined): Step {
  const before = found?.current ?? "";
  const theirs = found?.releases ?? [];
  const link = theirs.includes(before) ? `releases/${before}` : before;
  const script = `unit=$1 file=$2 root=$3 incoming=$4 link=$5; shift 5
    if [ -e "$file" ]; then
      systemctl -q disable --now "$unit" || exit 1
      rm -f "$file"; systemctl daemon-reload; systemctl reset-failed "$unit" 2>/dev/null; ${ENABLED_FOR_GOOD} || exit 1
    fi
    rm -rf "$root/running" "$root/.running" "$root/.current" "$incoming" || exit 1
    [ "$(readlink "$root/current")" = "$link" ] || rm -f "$root/current" || exit 1
    [ -z "$link" ] || [ -L "$root/current" ] || ln -s "$link" "$root/current" || exit 1
    for release in "$root/releases"/* "$root/releases"/.[!.]*; do
      for theirs; do [ "$release" != "$root/releases/$theirs" ] || continue 2; done
      rm -rf "$release" || exit 1
    done`;
  const file = seen.unit ? unitFile(had) : "";
  return {
    run: sh(script, unitOf(had), file, had.root, incoming(had), link, ...theirs),
    purpose: `stopping ${unitOf(had)} and removing its releases`,
    limit: 180,
  };
}

function removing(path: string): Step {
  return { run: { argv: ["rm", "-rf", path] }, purpose: `removing ${path}`, limit: 180 };
}

/** Shared folders that were there, and that have another owner by us. */
function givenAway({ root }: Removed, seen: Present, found: Present | undefined): [folder: string, owner: string][] {
  const ownerOf = (folder: string, { folders }: Present) => folders?.[folder]?.split(" ")[0];
  return Object.keys(found?.shared ?? {}).flatMap((name) => {
    const folder = `${root}/shared/${name}`;
    const [now, then] = [ownerOf(folder, seen), found && ownerOf(folder, found)];
    return now !== undefined && then !== undefined && now !== then ? [[folder, then] as [string, string]] : [];
  });
}

function givingBack(folder: string, owner: string): Step {
  const run = sh(`${WALK}\n${GIVE}\ngive "$@"`, folder, owner);
  return { run, purpose: `giving ${folder} back to ${owner}` };
}

/** The folders that were not there before, the innermost first. Earlier versions noted none: what is above the root stays then. */
function ours({ root }: Removed, seen: Present, found: Present | undefined): string[] {
  const shared = Object.keys(seen.shared).map((name) => `${root}/shared/${name}`);
  const above = found?.folders ? foldersDownTo(root).reverse() : [root];
  return [...shared, `${root}/shared`, `${root}/releases`, ...above].filter(
    (one) => found?.folders?.[one] === undefined,
  );
}

function tidying(root: string, folders: readonly string[]): Step {
  const script = `root=$1; shift
    rmdir --ignore-fail-on-non-empty "$@" "${INCOMING}" 2>/dev/null; ${forGood('"$root/releases"')}`;
  return { run: sh(script, root, ...folders), purpose: "removing the folders that nothing needs" };
}
