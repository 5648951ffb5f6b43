import { type Command, Secret, sh } from "../host/command";
import { forGood, intoPlace } from "../host/shell";
import { BIRD_PARTS, VRRP_PARTS } from "../model";
import { FOLDERS_LOCKED, foldersAbove, foldersTo } from "./made-folders";
import { WALK } from "./walk";
import { WITHHOLD } from "./withhold";

// Commands that put a file in its place, or take the file away, also where another user owns the folder. What is new lies in a
// folder of root's beside its place until it has its content, owner and mode; rename(2) then puts it there. So no user can
// exchange the file for a link while root writes to it or gives it to somebody.

/** Exit status if the check refused the new content. */
export const REFUSED = 65;

/** Where the new content lies before it replaces the file: a name of its own in a folder of its own. */
function candidate(path: string): string {
  return path.replace(/[^/]*$/, (base) => `.${base.slice(0, 200)}.lvs-new/new.${base.slice(0, 200)}`);
}

// The present folder is that of the candidate, whose folder goes with it, for good as well.
const PLACED = `${intoPlace('"$new"', '"../$name"')} && cd -P .. && { rmdir "./$stage" || :; } && sync .`;
const NAMES = `stage=\${next%/*} stage=\${stage##*/} name=\${path##*/}`;

interface Placed {
  readonly path: string;
  readonly content: string;
  /** "root:root" */
  readonly owner: string;
  /** In octal. */
  readonly mode: string;
  /** A command that judges the content; `%s` in its words is the path of the candidate. */
  readonly check?: readonly string[] | undefined;
}

/**
 * Writes a file. Only root can read the candidate until it has its owner. restorecon gives the file the SELinux label that its
 * name asks for.
 */
export function place({ path, content, owner, mode, check = [] }: Placed): Command {
  const next = candidate(path);
  const words = check.map((word) => word.replaceAll("%s", next));
  const script = `path=$1 next=$2 owner=$3 mode=$4 checks=$5; shift 5
    ${FOLDERS_LOCKED}
    ${WALK}
    ${WITHHOLD}
    ${NAMES}
    new=\${next##*/} n=$checks; while [ "$n" -gt 0 ]; do set -- "$@" "$1"; shift; n=$((n - 1)); done
    near "\${path%/*}" && n=$#
    while [ "$n" -gt "$checks" ]; do make "$1" "$2" || exit 1; shift 2; n=$((n - 2)); done
    fresh "$stage" || exit 1
    drop() { cd -P .. && rm -rf "./$stage"; }
    (umask 077; set -C; cat >"$new") && chown "$owner" "$new" && chmod "$mode" "$new" || { drop; exit 1; }
    if [ "$checks" -gt 0 ] && ! said=$("$@" 2>&1 8>&-); then
      printf '%s\\n' "$said" | withhold "$next" "./$new" >&2; drop; exit ${REFUSED}
    fi
    ${PLACED} && { ! command -v restorecon >/dev/null || restorecon "$path"; }`;
  const made = foldersTo(path).flat();
  return {
    ...sh(script, path, next, owner, mode, String(words.length), ...words, ...made),
    stdin: new Secret(content),
  };
}

/**
 * Shell: `copied FILE TO` copies a file with its content, owner, mode, times, attributes and SELinux label. A file of several names
 * gets one name more: a copy of it would be another file, and the other names would not follow it any more.
 */
const COPIED = `copied() { { [ "$(stat -c %h -- "$1")" -gt 1 ] && ln -P -- "$1" "$2" 2>/dev/null; } || cp -a -- "$1" "$2"; }`;

/** Keeps a file at a path that root alone can change. Where the file system has no room, nothing stays of a copy. */
export function keep(path: string, to: string): Command {
  const script = `${WALK}
    [ -d "\${2%/*}" ] || mkdir -p "\${2%/*}"
    ${COPIED}
    walk "\${1%/*}" && rm -f "$2.new" && { copied "./\${1##*/}" "$2.new" || { rm -f "$2.new"; exit 1; }; } && ${intoPlace('"$2.new"', '"$2"')}`;
  return sh(script, path, to);
}

/** Puts a file that was kept back into its place. */
export function putBack(from: string, path: string): Command {
  const script = `from=$1 path=$2 next=$3; shift 3
    ${WALK}
    ${NAMES}
    ${COPIED}
    new=\${next##*/}; near "\${path%/*}" && make "$@" && fresh "$stage" && copied "$from" "$new" && ${PLACED}`;
  return sh(script, from, path, candidate(path), ...foldersAbove(path).flatMap((folder) => [folder, ""]));
}

/** The folder of the candidate. Nobody else has a name like this, so what is there was left by an interrupted run. */
export function candidateFolder(path: string): string {
  return candidate(path).replace(/\/[^/]*$/, "");
}

/** Removes a candidate that an interrupted run has left. */
export function clear(path: string): Command {
  const script = `path=$1 next=$2
    ${FOLDERS_LOCKED}
    ${WALK}
    stage=\${next%/*} stage=\${stage##*/}
    walk "\${path%/*}" && rm -rf "./$stage" && sync .`;
  return sh(script, path, candidate(path));
}

/** Removes the file, and a candidate that an interrupted run has left. */
export function take(path: string): Command {
  return sh(`${TAKE}\n${forGood('"$path"')}`, path, candidate(path));
}

const TAKE = `path=$1 next=$2; shift 2
    ${WALK}
    ${NAMES}
    (walk "\${path%/*}" || { [ $? = 2 ]; exit; }; rm -f "./$name" && rm -rf "./$stage") || exit 1`;

/** Removes the file, and the folders that we made for it, unless other files are in them. */
export function takeWithFolders(path: string): Command {
  const made = foldersTo(path).reverse().flat();
  const script = `${FOLDERS_LOCKED}
    ${TAKE}
    while [ $# -gt 0 ]; do
      if [ -e "$2" ]; then
        [ ! -d "$1" ] || (walk "\${1%/*}" && rmdir "./\${1##*/}") 2>/dev/null || break
        rm -f "$2"
      fi
      shift 2
    done
    ${forGood('"$path"')}`;
  return sh(script, path, candidate(path), ...made);
}

/** Why a file could not be replaced or removed whose content may be changed where it is; undefined if it says so itself. */
export function whyNotReplaced(path: string, stderr: string): string | undefined {
  if (/Device or resource busy/.test(stderr))
    return `Another file is mounted at ${path}, as in a container: change that one, where it comes from`;
  if (/^(mv|rm|rmdir|mkdir): .*Operation not permitted/m.test(stderr))
    return `Is ${path} or its folder immutable (lsattr)? Whoever made it so has to take that back: chattr -i`;
  return undefined;
}

/** What the check's refusal means, and the cure. */
export function whyRefused(check: readonly string[], stderr: string): string {
  const [program = ""] = check;
  // The words of the shell where there is no such program, and where it is none.
  if (stderr.split("\n").some((line) => line.startsWith("sh: ") && line.includes(`: ${program}: `)))
    return `The host cannot run "${program}", which judges the new content: is it installed there? Each word of the command is a text of its own`;
  const shown = check.map((word) => (word.includes("\n") ? "…" : word)).join(" ");
  return `The new content was refused by ${shown}; what is there was not touched${cureOf(stderr)}`;
}

/**
 * The cures that what refused the content does not name. Checks of our own say a few words that stand in no file, because words of the
 * content are withheld.
 */
const CURES: readonly (readonly [said: RegExp, cure: string])[] = [
  [
    /duplicate VRID conflict/,
    "Another cluster on these directors needs another failover.routerId. A cluster that has another name now keeps its " +
      "former one, or comes after an update without it",
  ],
  [
    /owner would lose addresses/,
    "keepalived works there by a keepalived.conf that somebody else has written. Declare main: false (in failover, or of Keepalived), " +
      `and put the line include ${VRRP_PARTS}/*.conf into that file. Or move the file away: what is in it ends then`,
  ],
  [/nobody would/, `Put the line include ${VRRP_PARTS}/*.conf into keepalived.conf, or leave main: false out`],
  [
    /owner would lose sessions/,
    "BIRD works there by a bird.conf that somebody has changed. Declare main: false (in failover, or of Bird), and put the line " +
      `include "${BIRD_PARTS}/*.conf"; into that file, and for BFD protocol bfd { }`,
  ],
  [/iputils is missing/, "Install ping on the host: iputils-ping (Debian, Ubuntu) or iputils (Rocky, Alma)"],
];

function cureOf(stderr: string): string {
  return CURES.filter(([said]) => said.test(stderr))
    .map(([, cure]) => `. ${cure}`)
    .join("");
}
