import { type Application, LISTING, releaseFolder, unitOf } from "../application/places";
import { sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact, facts, map, printed } from "../host/fact";
import { foldersAbove } from "../linux/made-folders";
import { WALK } from "../linux/walk";
import { incoming } from "./release-arrival";

// What of an application, and of one of its releases, is on a server.

/** The application, and the release that is declared. */
interface Declared extends Application {
  readonly release: string;
}

export interface Seen {
  /** The releases on the server, newest first. */
  readonly releases: readonly string[];
  /** The release that `current` leads to; "" if none was ever started. */
  readonly current: string;
  /** The unpacked files still have their sizes, times and modes. */
  readonly intact: boolean;
  /** SHA-256, owner and mode of the wanted release's files. */
  readonly files: Readonly<Record<string, string>>;
  /** Owners of the shared folders. */
  readonly shared: Readonly<Record<string, string>>;
  /** The application's unit is there. */
  readonly unit: boolean;
  /** An interrupted run has left an artefact, or a rollout its note of what runs. */
  readonly rest: boolean;
  /** The root's folders and those above it, by path: owner and mode, and then "empty" if nothing is in there: "0:33 2775 empty". */
  readonly folders?: Readonly<Record<string, string>>;
  /** What of the root has the place of ours, or lies among the releases, and is none of them. */
  readonly others?: readonly string[];
}

/** What is on the server. `unit` is "ours", the path of another program's unit with the same name, or "". */
export function lookAt(it: Declared): Fact<Omit<Seen, "unit"> & { readonly unit: string }> {
  const ofRelease = releaseFolder(it, idOf(it));
  const all = facts({
    releases: guardedReleases(it),
    current: printed(sh(`readlink "$1/current" || :`, it.root), (output) => output.trim().replace(/^releases\//, "")),
    intact: printed(
      sh(
        `${LISTING}
        [ -e "$1/manifest" ] && [ "$(listing "$1/app")" = "$(cat "$1/manifest")" ] && echo intact || :`,
        ofRelease,
      ),
      (output) => output.trim() === "intact",
    ),
    files: printed(
      sh(
        `cd "$1" 2>/dev/null || exit 0
        for file in environment unit; do
          [ ! -e $file ] || echo "$file $(sha256sum <$file | cut -d' ' -f1) $(stat -c '%U %a' $file)"
        done`,
        ofRelease,
      ),
      pairs,
    ),
    shared: printed(
      sh(
        `cd "$1/shared" 2>/dev/null && for name in * .[!.]*; do stat -L -c '%n %U' -- "$name" 2>/dev/null || stat -c '%n %U' -- "$name" 2>/dev/null; done || :`,
        it.root,
      ),
      pairs,
    ),
    unit: printed(
      sh(
        `for folder in /etc /run /usr/local/lib /usr/lib /lib; do
          file=$folder/systemd/system/$1
          [ -e "$file" ] || continue
          if grep -qxF "WorkingDirectory=$2/current/app" "$file"; then echo ours; else echo "$file"; fi
          break
        done`,
        unitOf(it),
        it.root,
      ),
      (output) => output.trim(),
    ),
    around: printed(sh(AROUND, incoming(it), it.root, ...foldersDownTo(it.root)), (output) => aroundOf(lines(output))),
  });
  return map(all, ({ around, ...seen }) => ({ ...seen, ...around }));
}

/** The folders above a root, and the root. */
export function foldersDownTo(root: string): string[] {
  return [...foldersAbove(root), root];
}

/** Prints "rest", "other NAME", and of folders "folder PATH OWNER:GROUP MODE", with "empty" at its end where one is. */
const AROUND = `[ ! -e "$1" ] && [ ! -e "$2/running" ] || echo rest
  root=$2; shift 2
  [ -L "$root/current" ] || [ ! -e "$root/current" ] || echo "other current"
  [ ! -e "$root/running" ] || echo "other running"
  for one in releases shared; do [ ! -e "$root/$one" ] && [ ! -L "$root/$one" ] || [ -d "$root/$one" ] || echo "other $one"; done
  [ ! -L "$root/releases" ] || echo "other releases, which is a link"
  for one in "$root/releases"/.[!.]*; do
    name=\${one##*/} hex=\${one##*/.} hex=\${hex%.new} hex=\${hex%.old}
    case $name in .stand-in|.former) continue;; .*.new|.*.old) case $hex in *[!0-9a-f]*) ;; ????????*) continue;; esac;; esac
    [ ! -e "$one" ] && [ ! -L "$one" ] || echo "other releases/$name"
  done
  find -L "$@" "$root/releases" "$root/shared" "$root/shared"/* "$root/shared"/.[!.]* -maxdepth 0 -type d \\( \\
    -empty -printf 'folder %p %U:%G %m empty\\n' -o -printf 'folder %p %U:%G %m\\n' \\) 2>/dev/null || :`;

function aroundOf(said: readonly string[]): Pick<Seen, "rest" | "folders" | "others"> {
  const folders = said.flatMap((line) => [/^folder (.*) (\d+:\d+ \d+( empty)?)$/.exec(line)?.slice(1, 3) ?? []]);
  const there = folders.filter((pair): pair is [string, string] => pair.length === 2);
  const others = said.flatMap((line) => /^other (.*)/.exec(line)?.[1] ?? []);
  return {
    rest: said.includes("rest"),
    ...(there.length > 0 && { folders: Object.fromEntries(there) }),
    ...(others.length > 0 && { others }),
  };
}

/**
 * The releases on the server. Root works below `root` by paths, and runs what it finds there. So reading this fact throws an
 * LvsError unless root alone can change the folders on the way and those of all releases. A shared folder is the application's.
 */
function guardedReleases({ root }: Declared): Fact<string[]> {
  const script = `${WALK}
    for folder in "$1" "$1/releases" "$1/shared"; do (guard "$folder") || [ $? = 2 ] || exit 1; done
    cd "$1/releases" 2>/dev/null && ls -t || :`;
  return fact(sh(script, root), ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new LvsError(`${root} is no place for releases: ${stderr.trim()}`);
    return lines(stdout);
  });
}

/** The release's name. After a refresh, `release` has the name and then what was changed. */
export function idOf({ release }: Declared): string {
  return release.split(", ")[0] as string;
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function pairs(text: string): Record<string, string> {
  return Object.fromEntries(lines(text).map((line) => line.split(/ (.*)/s).slice(0, 2) as [string, string]));
}
