import { sh } from "../host/command";
import { LvsError } from "../host/errors";
import { type Fact, fact } from "../host/fact";
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
export function nodeAt(path: string, before = ""): Fact<Node> {
  const ask = sh(
    `${before}${WALK}
    walk "\${1%/*}" || { [ $? = 2 ] && echo nothing; exit; }
    set -- "./\${1##*/}"
    if [ -L "$1" ]; then printf 'symlink\\n%s\\n' "$(readlink -- "$1")"
    elif [ ! -e "$1" ]; then echo nothing
    elif [ -f "$1" ]; then s=$(content "$1" | sha256sum) && stat -c 'file %a %U %u %G %g' -- "$1" && echo "\${s%% *}"
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
