import { z } from "zod";
import { type Command, Secret, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact, facts, map, printed } from "../host/fact";
import { forGood, hold, intoPlace } from "../host/shell";
import { tellWhoLoaded, unitsThatLoaded } from "../linux/loaded-files";
import { digest } from "../reconcile/equality";
import { about, type Kind, type Step } from "../reconcile/kind";
import { entryName, FOLDER, keptFile } from "../reconcile/ledger";

interface Want {
  path: string;
  content?: string | undefined;
  state: "present" | "absent";
  mode: string;
  user: string;
  group: string;
  validate?: string[] | undefined;
}

/** What lies at a path. Its content is told by digest: it may be a secret, and this is kept as what was found. */
type Node =
  | { is: "nothing" }
  | { is: "symlink"; target: string }
  | { is: "file"; mode: string; user: string[]; group: string[]; sha256: string };

interface Seen {
  here: Node;
  /** The copy of what was found, in the ledger; made before the first change. */
  kept: Node;
  /** Folders that we made and that are empty now. */
  hollow: string[];
  /** Running services that have loaded it. */
  loadedBy: string[];
  /** The text that is there, for state and previews. Not kept on the host: that has the file itself. */
  text?: Secret;
}

const account = /^[A-Za-z0-9_][\w.-]*\$?$/;

/** A larger content is told by its digest in state and previews. */
const READABLE = 64 * 1024;

/** A file with its content, owner and mode, or the absence of one. Deleting puts back what was found. */
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

  look(change) {
    const { path } = about(change);
    const folders = parents(path).flatMap((folder) => [folder, madeMark(folder)]);
    const all = facts({
      here: nodeAt(path),
      kept: nodeAt(keptFile("File", path)),
      text: printed(
        sh(`[ ! -L "$1" ] && [ -f "$1" ] && [ "$(stat -c %s -- "$1")" -le ${READABLE} ] && base64 "$1" || :`, path),
        (base64) => base64,
      ),
      // Another file's going empties a folder before it takes it away: what is empty counts once that is over.
      hollow: printed(
        sh(
          `hollow() {
          while [ $# -gt 0 ]; do
            if [ -e "$2" ] && [ -z "$(ls -A "$1" 2>/dev/null)" ]; then printf '%s\\n' "$1"; fi; shift 2
          done
        }
        [ -z "$(hollow "$@")" ] || { ${FOLDERS_LOCKED}; hollow "$@"; }`,
          ...folders,
        ),
        (said) => said.split("\n").filter((line) => line !== ""),
      ),
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
      const keep = found && found.here.is !== "nothing" && seen.kept.is === "nothing" && seen.here.is !== "nothing";
      const purpose = `keeping what was found at ${want.path}`;
      return [
        ...(keep ? [{ run: copy(want.path, keptFile("File", want.path)), purpose }] : []),
        want.state === "absent" ? take(want.path) : put(want, seen.here),
        ...reread(want.path),
      ];
    }
    const { path } = had as Want;
    const back = putBack(path, found?.here, seen);
    return [...back, ...(back.length > 0 ? reread(path) : []), ...notice(path, seen)];
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

/** The folders on the way to a path, from the top. */
function parents(path: string): string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_, i) => `/${names.slice(0, i + 1).join("/")}`);
}

/** Lies in the ledger while a folder is there that we made: others may be using it when the file that needed it goes. */
function madeMark(folder: string): string {
  return `${FOLDER}/${entryName("Folder", folder)}`;
}

const FOLDERS_LOCKED = hold("folders");

function nodeAt(path: string): Fact<Node> {
  const ask = sh(
    `if [ -L "$1" ]; then printf 'symlink\\n%s\\n' "$(readlink -- "$1")"
    elif [ ! -e "$1" ]; then echo nothing
    elif [ -f "$1" ]; then s=$(sha256sum <"$1") && stat -c 'file %a %U %u %G %g' -- "$1" && echo "\${s%% *}"
    else stat -c 'other %F' -- "$1"; fi`,
    path,
  );
  return fact(ask, ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new LvsError(`looking at ${path}: ${stderr.trim()}`);
    const [first = "", second = ""] = stdout.split("\n");
    const [is, mode = "", user = "", uid = "", group = "", gid = ""] = first.split(" ");
    if (is === "nothing") return { is };
    if (is === "symlink") return { is, target: stdout.slice("symlink\n".length, -1) };
    if (is === "file")
      return { is, mode: mode.padStart(4, "0"), user: [user, uid], group: [group, gid], sha256: second };
    throw new LvsError(
      `${path} is a ${first.slice("other ".length)}, not a file: choose another path, or move it away`,
    );
  });
}

function readable(sha256: string, base64: string): string {
  try {
    const bytes = Buffer.from(base64, "base64");
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (digest(text) === sha256 && !text.includes("\0")) return text;
  } catch {
    // Not text.
  }
  return `sha256:${sha256}`;
}

/** By name or by number, as it was asked for. */
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

/** Exit status of a candidate that did not pass `validate`. */
const REFUSED = 65;

function candidate(path: string): string {
  return path.replace(/[^/]*$/, (base) => `.${base.slice(0, 200)}.lvs-new`);
}

// The candidate is made anew (-C: never through a link that somebody put there) and readable by root alone until it has its
// owner. It takes the file's place by rename(2), and its SELinux label from its name.
function put(want: Want, here: Node): Step {
  const { path, user, group, mode } = want;
  const next = candidate(path);
  const check = want.validate?.map((word) => word.replaceAll("%s", next)) ?? [];
  const made = parents(path).flatMap((folder) => [folder, madeMark(folder)]);
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
  const less = here.is === "file" && here.sha256 === digest(want.content ?? "") ? ` (${differences(want, here)})` : "";
  return {
    run: {
      ...sh(script, path, next, `${user}:${group}`, mode, String(check.length), ...check, ...made),
      stdin: new Secret(want.content ?? ""),
    },
    purpose: `writing ${path}${less}`,
    advice({ exit, stderr }) {
      if (exit === REFUSED)
        return `The new content was refused by ${want.validate?.join(" ")}; what is there was not touched`;
      if (/invalid (user|group|spec)/.test(stderr)) return `Is there a user ${user} and a group ${group} on the host?`;
      return undefined;
    },
  };
}

function take(path: string): Step {
  return { run: sh(`rm -f "$1" "$2" && ${forGood('"$1"')}`, path, candidate(path)), purpose: `removing ${path}` };
}

/** Content, owner, mode, times and label. */
function copy(from: string, to: string): Command {
  return sh(
    `[ -d "\${2%/*}" ] || mkdir -p "\${2%/*}"; rm -f "$3" && cp -a -- "$1" "$3" && ${intoPlace('"$3"', '"$2"')}`,
    from,
    to,
    candidate(to),
  );
}

function putBack(path: string, found: Node | undefined, { here, kept, hollow }: Seen): Step[] {
  if (found?.is === "nothing") return here.is === "nothing" && hollow.length === 0 ? [] : [leave(path)];
  // Where nothing was kept it was as declared when it was found: it is not ours.
  if (kept.is === "nothing" || digest(kept) === digest(here)) return [];
  return [{ run: copy(keptFile("File", path), path), purpose: `putting back what was found at ${path}` }];
}

function leave(path: string): Step {
  const made = parents(path)
    .reverse()
    .flatMap((folder) => [folder, madeMark(folder)]);
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
 * systemd goes on with a unit's former file until it is told. It does not even notice the first drop-in of a unit, and when one
 * goes, nobody may be left to declare the unit.
 */
function reread(path: string): Step[] {
  if (!path.startsWith("/etc/systemd/system/")) return [];
  const run = sh("[ ! -d /run/systemd/system ] || systemctl daemon-reload");
  return [{ run, purpose: `making systemd read ${path}` }];
}

function notice(path: string, { loadedBy }: Seen): Step[] {
  if (loadedBy.length === 0) return [];
  return [{ run: tellWhoLoaded(path), purpose: `telling ${loadedBy.join(", ")} that ${path} was put back` }];
}
