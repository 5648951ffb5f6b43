import { z } from "zod";
import { type Command, Secret, sh } from "../host/command";
import { facts, map, printed } from "../host/fact";
import { forGood, intoPlace } from "../host/shell";
import { reloadUnitsThatLoaded, unitsThatLoaded } from "../linux/loaded-files";
import { emptyMadeFolders, FOLDERS_LOCKED, foldersTo } from "../linux/made-folders";
import { type Node, nodeAt } from "../linux/node";
import { digest } from "../reconcile/equality";
import { about, type Kind, type Step } from "../reconcile/kind";
import { keptFile } from "../reconcile/ledger";

interface Want {
  path: string;
  content?: string | undefined;
  state: "present" | "absent";
  mode: string;
  user: string;
  group: string;
  validate?: string[] | undefined;
}

interface Seen {
  /** What is at the path. */
  here: Node;
  /** The ledger's copy of what was found. The copy is made before the first change. */
  kept: Node;
  /** Folders that we made and that are empty now. */
  hollow: string[];
  /** Running services that have loaded the file. */
  loadedBy: string[];
  /** The text of the file, for state and previews. The ledger does not keep the text, because `Secret` hides it from JSON. */
  text?: Secret;
}

const account = /^[A-Za-z0-9_][\w.-]*\$?$/;

/** Bytes. State and previews show the digest of a larger content. */
const READABLE = 64 * 1024;

/** A file with its content, owner and mode, or the absence of a file. A delete puts back what was found. */
export const file: Kind<Want, Seen> = {
  name: "File",
  inputs: z
    .object({
      path: z
        .string()
        .regex(/^(\/[^/\0\n]+)+$/, 'a path is absolute, like "/etc/motd", without a / at its end')
        .refine((path) => !/\/\.{1,2}(\/|$)/.test(path), 'a path has neither "." nor ".." in it'),
      content: z.string().optional(),
      state: z.enum(["present", "absent"]).default("present"),
      mode: z
        .string({ message: 'a mode is text in octal, like "0644"' })
        .regex(/^[0-7]{3,4}$/, 'a mode is three or four octal digits, like "0644"')
        .transform((mode) => mode.padStart(4, "0"))
        .default("0644"),
      user: z.string().regex(account, "a user's name or number").default("root"),
      group: z.string().regex(account, "a group's name or number").default("root"),
      validate: z
        .array(z.string())
        .refine(
          (argv) => argv.filter((word) => word.includes("%s")).length === 1 && !argv[0]?.includes("%s"),
          'one argument of the command holds "%s", the path of the new content',
        )
        .optional(),
    })
    .refine(({ state, content }) => state === "present" || content === undefined, {
      path: ["content"],
      message: 'a file that shall be absent has no content: leave it out, or say state: "present"',
    })
    .transform((want) => ({ ...want, content: want.state === "present" ? (want.content ?? "") : undefined })),
  identity: (want) => want.path,
  secrets: ["content"],

  look(change) {
    const { path } = about(change);
    const all = facts({
      here: nodeAt(path),
      kept: nodeAt(keptFile("File", path)),
      text: printed(
        sh(`[ ! -L "$1" ] && [ -f "$1" ] && [ "$(stat -c %s -- "$1")" -le ${READABLE} ] && base64 "$1" || :`, path),
        (base64) => base64,
      ),
      hollow: emptyMadeFolders(path),
      loadedBy: unitsThatLoaded(path),
    });
    return map(all, ({ text, ...seen }) => ({
      ...seen,
      ...(seen.here.is === "file" && { text: new Secret(readable(seen.here.sha256, text)) }),
    }));
  },

  plan({ had, want, found }, seen) {
    if (want) {
      if (isAsDeclared(want, seen.here)) return [];
      const copies = found && found.here.is !== "nothing" && seen.kept.is === "nothing" && seen.here.is !== "nothing";
      const purpose = `keeping what was found at ${want.path}`;
      return [
        ...(copies ? [{ run: copy(want.path, keptFile("File", want.path)), purpose }] : []),
        want.state === "absent" ? remove(want.path) : write(want, seen.here),
        ...daemonReload(want.path),
      ];
    }
    const { path } = had as Want;
    const back = putBack(path, found?.here, seen);
    return [...back, ...(back.length > 0 ? daemonReload(path) : []), ...reloadUnits(path, seen)];
  },

  report(want, seen) {
    const { here } = seen;
    if (here.is !== "file") return { state: here.is === "nothing" ? "absent" : `symlink to ${here.target}` };
    if (want.state === "absent") return { state: "present" };
    const [user, group] = [name(want.user, here.user), name(want.group, here.group)];
    const same = want.content !== undefined && digest(want.content) === here.sha256;
    return { state: "present", content: same ? want.content : seen.text?.reveal(), mode: here.mode, user, group };
  },
};

/** The text that was read, or the digest if the content is no text, is too large, or was changed while it was read. */
function readable(sha256: string, base64: string): string {
  try {
    const bytes = Buffer.from(base64, "base64");
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (digest(text) === sha256 && !text.includes("\0")) return text;
  } catch {
    // The content is not UTF-8.
  }
  return `sha256:${sha256}`;
}

/** The owner's name or number, whichever was declared. */
function name(want: string, seen: readonly string[]): string | undefined {
  return seen.includes(want) ? want : seen[0];
}

function isAsDeclared(want: Want, here: Node): boolean {
  if (want.state === "absent") return here.is === "nothing";
  return here.is === "file" && here.sha256 === digest(want.content ?? "") && differences(want, here).length === 0;
}

function differences(want: Want, here: Node & { is: "file" }): string[] {
  return [
    ...(here.mode === want.mode ? [] : [`mode ${want.mode}`]),
    ...(here.user.includes(want.user) ? [] : [`user ${want.user}`]),
    ...(here.group.includes(want.group) ? [] : [`group ${want.group}`]),
  ];
}

/** Exit status if `validate` refused the new content. */
const REFUSED = 65;

/** The path at which the new content is written before it replaces the file. */
function candidate(path: string): string {
  return path.replace(/[^/]*$/, (base) => `.${base.slice(0, 200)}.lvs-new`);
}

// `set -C` (noclobber) creates the candidate anew, and does not follow a link that somebody put at its path. Only root can read
// the candidate until it has its owner. rename(2) puts it in the file's place, and restorecon gives it the SELinux label that
// its name asks for.
function write(want: Want, here: Node): Step {
  const { path, user, group, mode } = want;
  const next = candidate(path);
  const check = want.validate?.map((word) => word.replaceAll("%s", next)) ?? [];
  const made = foldersTo(path).flat();
  const script = `path=$1 next=$2 owner=$3 mode=$4 checks=$5; shift 5
    ${FOLDERS_LOCKED}
    n=$checks; while [ "$n" -gt 0 ]; do set -- "$@" "$1"; shift; n=$((n - 1)); done
    while [ $# -gt "$checks" ]; do
      [ -d "$1" ] || { : >"$2" && mkdir "$1"; } || exit 1; shift 2
    done
    rm -f "$next" && (umask 077; set -C; cat >"$next") && chown "$owner" "$next" && chmod "$mode" "$next" || {
      rm -f "$next"; exit 1; }
    if [ "$checks" -gt 0 ] && ! said=$("$@" 2>&1 8>&-); then
      printf '%s\\n' "$said" | grep -vxFf "$next" >&2; rm -f "$next"; exit ${REFUSED}
    fi
    ${intoPlace('"$next"', '"$path"')} && { ! command -v restorecon >/dev/null || restorecon "$path"; }`;
  const isContentSame = here.is === "file" && here.sha256 === digest(want.content ?? "");
  return {
    run: {
      ...sh(script, path, next, `${user}:${group}`, mode, String(check.length), ...check, ...made),
      stdin: new Secret(want.content ?? ""),
    },
    purpose: `writing ${path}${isContentSame ? ` (${differences(want, here)})` : ""}`,
    advice({ exit, stderr }) {
      if (exit === REFUSED)
        return `The new content was refused by ${want.validate?.join(" ")}; what is there was not touched`;
      if (/invalid (user|group|spec)/.test(stderr)) return `Is there a user ${user} and a group ${group} on the host?`;
      return undefined;
    },
  };
}

function remove(path: string): Step {
  return { run: sh(`rm -f "$1" "$2" && ${forGood('"$1"')}`, path, candidate(path)), purpose: `removing ${path}` };
}

/** Copies content, owner, mode, times and SELinux label. */
function copy(from: string, to: string): Command {
  return sh(
    `[ -d "\${2%/*}" ] || mkdir -p "\${2%/*}"; rm -f "$3" && cp -a -- "$1" "$3" && ${intoPlace('"$3"', '"$2"')}`,
    from,
    to,
    candidate(to),
  );
}

function putBack(path: string, found: Node | undefined, { here, kept, hollow }: Seen): Step[] {
  if (found?.is === "nothing") return here.is === "nothing" && hollow.length === 0 ? [] : [removeWithFolders(path)];
  // Without a copy in the ledger, the file was as declared when it was found. We did not write it, so it stays.
  if (kept.is === "nothing" || digest(kept) === digest(here)) return [];
  return [{ run: copy(keptFile("File", path), path), purpose: `putting back what was found at ${path}` }];
}

/** Removes the file, and the folders that we made for it, unless other files are in them. */
function removeWithFolders(path: string): Step {
  const made = foldersTo(path).reverse().flat();
  const script = `${FOLDERS_LOCKED}
    path=$1; rm -f "$1" "$2" || exit 1; shift 2
    while [ $# -gt 0 ]; do
      if [ -e "$2" ]; then [ ! -d "$1" ] || rmdir "$1" 2>/dev/null || break; rm -f "$2"; fi
      shift 2
    done
    ${forGood('"$path"')}`;
  return { run: sh(script, path, candidate(path), ...made), purpose: `removing ${path}, which was not there before` };
}

/**
 * systemd goes on with a unit's former file until a daemon-reload. It does not notice the first drop-in of a unit. When a
 * drop-in is deleted, there may be no SystemdService left that would reload. So the file itself does.
 */
function daemonReload(path: string): Step[] {
  if (!path.startsWith("/etc/systemd/system/")) return [];
  const run = sh("[ ! -d /run/systemd/system ] || systemctl daemon-reload");
  return [{ run, purpose: `making systemd read ${path}` }];
}

function reloadUnits(path: string, { loadedBy }: Seen): Step[] {
  if (loadedBy.length === 0) return [];
  return [{ run: reloadUnitsThatLoaded(path), purpose: `telling ${loadedBy.join(", ")} that ${path} was put back` }];
}
