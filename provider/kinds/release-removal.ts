import { type Application, unitFile, unitOf } from "../application/places";
import { sh } from "../host/command";
import { ENABLED_FOR_GOOD, forGood } from "../host/shell";
import type { Step } from "../reconcile/kind";
import { INCOMING, incoming } from "./release-arrival";
import type { Seen } from "./release-seen";

/** The application that goes, and whether its data go with it. */
interface Removed extends Application {
  readonly deleteData: boolean;
}

/** What of an application is on a server, whichever release is declared. */
type Present = Pick<Seen, "releases" | "current" | "shared" | "unit" | "rest">;

/** Ends the application and removes its releases. What was found before the first one stays. */
export function removeAll(had: Removed, seen: Present, found: Present | undefined): Step[] {
  const data = had.deleteData && Object.keys(seen.shared).length > 0;
  const before = found?.current ?? "";
  if (seen.releases.length === 0 && !seen.unit && seen.current === before && !seen.rest && !data) return [];
  const theirs = found?.releases ?? [];
  const link = theirs.includes(before) ? `releases/${before}` : before;
  const script = `unit=$1 file=$2 root=$3 data=$4 incoming=$5 link=$6; shift 5; [ $# = 0 ] || shift
    if [ -e "$file" ]; then
      systemctl -q disable --now "$unit" || exit 1
      rm -f "$file"; systemctl daemon-reload; systemctl reset-failed "$unit" 2>/dev/null; ${ENABLED_FOR_GOOD} || exit 1
    fi
    rm -rf "$root/current" "$root/running" "$root/.running" "$incoming" || exit 1
    [ -z "$link" ] || ln -s "$link" "$root/current" || exit 1
    if [ $# = 0 ]; then rm -rf "$root/releases" || exit 1; fi
    for release in "$root/releases"/* "$root/releases"/.[!.]*; do
      for theirs; do [ "$release" != "$root/releases/$theirs" ] || continue 2; done
      rm -rf "$release" || exit 1
    done
    [ "$data" != true ] || rm -rf "$root/shared" || exit 1
    rmdir --ignore-fail-on-non-empty "$root/shared/"* "$root/shared" "$root" "${INCOMING}" 2>/dev/null; ${forGood('"$root/releases"')}`;
  return [
    {
      run: sh(
        script,
        unitOf(had),
        seen.unit ? unitFile(had) : "",
        had.root,
        String(had.deleteData),
        incoming(had),
        ...(link === "" && theirs.length === 0 ? [] : [link, ...theirs]),
      ),
      purpose: `stopping ${unitOf(had)} and removing its releases`,
      limit: 180,
    },
  ];
}
