import { createHash } from "node:crypto";
import { sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact, map } from "../host/fact";
import { WALK } from "./walk";

/** What is at a path. The content is represented by its digest, because it may be a secret and the ledger keeps the node. */
export type Node =
  | { is: "nothing" }
  | { is: "symlink"; target: string }
  | {
      is: "file";
      mode: string;
      /** Name and number. */
      user: string[];
      /** Name and number. */
      group: string[];
      sha256: string;
    };

/** The same in a folder that root alone can change, with all folders above it. What is not there needs no walk. */
export function ourNodeAt(path: string): Fact<Node> {
  return nodeAt(path, `[ -e "$1" ] || [ -L "$1" ] || { echo nothing; exit; }\n`);
}

/** What is at a path. Reading the fact throws an LvsError for a folder, a device or a socket. */
function nodeAt(path: string, before: string): Fact<Node> {
  return map(asked(path, before, DIGEST), ({ node }) => node);
}

/** A node, and the content of a file in base64. The content is undefined if it is too large to be shown. */
export interface NodeAndText {
  readonly node: Node;
  readonly base64?: string;
}

/** Bytes. State and previews show the digest of a larger content. */
const READABLE = 64 * 1024;

/** The same with the content: a file whose content is asked for is read once, and its digest is that of what was read. */
export function nodeAndTextAt(path: string): Fact<NodeAndText> {
  return asked(path, "", `if [ "\${is%% *}" -le ${READABLE} ]; then readable base64; else ${DIGEST}; fi`);
}

/**
 * Shell: `readable TOOL` sends the file through a tool. A pipe ends with the status of the tool, which would take a file that
 * cannot be read for an empty one. No digest and no base64 has the sign of a failure in it.
 */
const PIPED = `readable() { s=$({ { content "$file" || echo '!' >&3; } | "$1"; } 3>&1) || return; case $s in *'!'*) return 1;; esac; printf '%s\\n' "$s"; }`;

const DIGEST = `{ s=$(readable sha256sum) && echo "sha256:\${s%% *}"; }`;

/** @param content shell: prints the digest of the file `$file`, or its content. `$is` begins with its size */
function asked(path: string, before: string, content: string): Fact<NodeAndText> {
  const ask = sh(
    `${before}${WALK}
    walk "\${1%/*}" || { [ $? = 2 ] && echo nothing; exit; }
    set -- "./\${1##*/}"; file=$1
    ${PIPED}
    if [ -L "$1" ]; then printf 'symlink\\n%s\\n' "$(readlink -- "$1")"
    elif [ ! -e "$1" ]; then echo nothing
    elif [ -f "$1" ]; then is=$(stat -c '%s %a %U %u %G %g' -- "$1") && echo "file \${is#* }" && ${content}
    else stat -c 'other %F' -- "$1"; fi`,
    path,
  );
  return fact(ask, ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new LvsError(`looking at ${path}: ${stderr.trim()}`);
    const [first = ""] = stdout.split("\n", 1);
    const [is, mode = "", user = "", uid = "", group = "", gid = ""] = first.split(" ");
    if (is === "nothing") return { node: { is } };
    if (is === "symlink") return { node: { is, target: stdout.slice("symlink\n".length, -1) } };
    if (is !== "file")
      throw new LvsError(
        `${path} is a ${first.slice("other ".length)}, not a file: choose another path, or move it away`,
      );
    const about = { is: is as "file", mode: mode.padStart(4, "0"), user: [user, uid], group: [group, gid] };
    const content = stdout.slice(first.length + 1);
    if (content.startsWith("sha256:")) return { node: { ...about, sha256: content.trim().slice("sha256:".length) } };
    const sha256 = createHash("sha256").update(Buffer.from(content, "base64")).digest("hex");
    return { node: { ...about, sha256 }, base64: content };
  });
}
