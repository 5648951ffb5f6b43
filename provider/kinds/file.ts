import { z } from "zod";
import { type Reply, Secret, sh } from "../host/command";
import { LvsError } from "../host/errors";
import { facts, known, map } from "../host/fact";
import { announcedAlike } from "../linux/bird";
import { readable } from "../linux/file-text";
import { reloadUnitsThatLoaded, unitsThatLoaded } from "../linux/loaded-files";
import { forgettingWayBack, hasWayBack, sparingLogins } from "../linux/logins";
import { idleFolders } from "../linux/made-folders";
import { answersEveryName, DEFAULT_SITE, nameless, otherDefaultSites } from "../linux/nginx";
import { type Node, nodeAndTextAt, ourNodeAt } from "../linux/node";
import {
  candidateFolder,
  clear,
  keep,
  place,
  putBack,
  REFUSED,
  take,
  takeWithFolders,
  whyNotReplaced,
  whyRefused,
} from "../linux/placing";
import { digest } from "../reconcile/equality";
import { path } from "../reconcile/inputs";
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
  /** Folders of ours that nothing needs now: empty ones that we made, and that of a candidate which was left. */
  hollow: string[];
  /** An interrupted run has left what it kept for the way back. */
  wayBack?: true;
  /** Running services that have loaded the file. */
  loadedBy: string[];
  /** Where the file is nginx's site for every name: the others that are, and who declares each. */
  rivals?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The text of the file, for state and previews. The ledger does not keep the text, because `Secret` hides it from JSON. */
  text?: Secret;
}

const EMPTY = digest("");

/** What we note on a host, and what runs at boot. A file there would be taken for a note, or be overwritten. */
const OURS =
  /^\/((var\/lib|run)\/lvs|etc\/lvs\/boot(\.d)?)(\/|$)|^\/etc\/(lvs$|sysctl\.d\/zz-lvs-|modules-load\.d\/lvs-|systemd\/system\/lvs-(boot|again)[.@-])/;

/** Folders in which the kernel makes what is there. /dev/shm is for files. */
const KERNELS = /^\/(proc|sys|dev(?!\/shm\/))(\/|$)/;

/** chown(1) takes a number with zeros before it, and the host then says it without them. 4294967295 is nobody's (chown(2)). */
const account = (what: string) =>
  z
    .string()
    .regex(/^(?!0\d+$)[A-Za-z0-9_][\w.-]{0,254}\$?$/, `a ${what}'s name or number, without zeros before it`)
    .refine((one) => !/^\d+$/.test(one) || Number(one) < 2 ** 32 - 1, `a ${what}'s number is from 0 to 4294967294`)
    .default("root");

/** A file with its content, owner and mode, or the absence of a file. A delete puts back what was found. */
export const file: Kind<Want, Seen> = {
  name: "File",
  inputs: z
    .object({
      path: path
        .refine((given) => !KERNELS.test(given), "the kernel makes what is there: for /proc/sys declare a Sysctl")
        .refine((given) => !OURS.test(given), "what is declared on this host is noted there: choose another folder"),
      content: z.string().meta({ binary: true }).optional(),
      state: z.enum(["present", "absent"]).default("present"),
      mode: z
        .string({ message: 'write the mode as a text in octal, like "0644"' })
        .regex(/^[0-7]{3,4}$/, 'is no mode in octal digits: write three or four, like "0644"')
        .transform((mode) => mode.padStart(4, "0"))
        .default("0644"),
      user: account("user"),
      group: account("group"),
      validate: z
        .array(z.string())
        .refine(([program = "x"]) => program.trim() !== "", "the first word is a program, and it is empty")
        .refine(
          (argv) => argv.filter((word) => word.includes("%s")).length === 1 && !argv[0]?.includes("%s"),
          'give "%s", the path of the new content, in one argument of the command',
        )
        .optional(),
    })
    .refine(({ state, content }) => state === "present" || content === undefined, {
      path: ["content"],
      message: 'a file that shall be absent has no content: leave it out, or say state: "present"',
    })
    .transform((want) => ({ ...want, content: want.state === "present" ? (want.content ?? "") : undefined })),
  secrets: ["content", "validate"],
  identity: (want) => want.path,
  insteadOfTwo: (want) => announcedAlike(want.path),
  role: (want) => (isDefaultSite(want) ? DEFAULT_SITE : undefined),
  rivals: (seen) => seen.rivals ?? {},

  look(change) {
    const { path } = about(change);
    const all = facts({
      there: nodeAndTextAt(path),
      kept: ourNodeAt(keptFile("File", path)),
      hollow: idleFolders(path, candidateFolder(path)),
      wayBack: hasWayBack(path),
      loadedBy: unitsThatLoaded(path),
      rivals: change.want && isDefaultSite(change.want) ? otherDefaultSites(path) : known(undefined),
    });
    return map(all, ({ there: { node: here, base64 }, rivals, wayBack, ...seen }) => ({
      here,
      ...seen,
      ...(wayBack && { wayBack }),
      ...(rivals && { rivals }),
      ...(here.is === "file" && { text: new Secret(readable(here.sha256, base64)) }),
    }));
  },

  plan({ had, want, found }, seen) {
    if (want) {
      const alone = takingRole(seen);
      if (isAsDeclared(want, seen.here)) return [...alone, ...clearing(want.path, seen), ...left(want.path, seen)];
      const isFound = found !== undefined && found.here.is !== "nothing" && seen.here.is !== "nothing";
      // What was found as it is declared needs no copy. What is there in its place now is somebody's change.
      const copies = isFound && seen.kept.is === "nothing" && !isAsDeclared(want, found.here);
      const purpose = `keeping what was found at ${want.path}`;
      return [
        ...alone,
        ...(copies ? [{ run: keep(want.path, keptFile("File", want.path)), purpose }] : []),
        ...sparingLogins(want.path, want.state === "absent" ? removing(want.path) : write(want, seen.here)),
        ...daemonReload(want.path),
      ];
    }
    const { path } = had as Want;
    const back = asFound(path, found?.here, seen).flatMap((step) => sparingLogins(path, step));
    const changes = back.length > 0;
    return [...(changes ? [...back, ...daemonReload(path)] : left(path, seen)), ...reloadUnits(path, seen)];
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

function isDefaultSite({ path, content = "" }: Want): boolean {
  return answersEveryName(path, content);
}

/** nginx refuses two sites for every name. Those that this stack no longer declares are deleted after this one was made. */
function takingRole({ rivals = {} }: Seen): Step[] {
  const paths = Object.keys(rivals);
  if (paths.length === 0) return [];
  return [{ run: nameless(paths), purpose: `letting ${paths.join(", ")} answer every name no more` }];
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

function write(want: Want, here: Node): Step {
  const { path, user, group, mode, validate } = want;
  const isContentSame = here.is === "file" && here.sha256 === digest(want.content ?? "");
  return {
    run: place({ path, content: want.content ?? "", owner: `${user}:${group}`, mode, check: validate }),
    purpose: `writing ${path}${isContentSame ? ` (${differences(want, here)})` : ""}`,
    refused: ({ exit }) => exit === REFUSED,
    advice({ exit, stderr }) {
      if (exit === REFUSED) return whyRefused(validate ?? [], stderr);
      if (/invalid (user|group|spec)/.test(stderr)) return `Is there a user ${user} and a group ${group} on the host?`;
      return whyNotReplaced(path, stderr);
    },
  };
}

/** The step that removes a candidate. What writes or removes the file clears it away as well. */
function clearing(path: string, { hollow }: Pick<Seen, "hollow">): Step[] {
  if (!hollow.includes(candidateFolder(path))) return [];
  return [{ run: clear(path), purpose: `removing ${candidateFolder(path)}, which an interrupted run has left` }];
}

function left(path: string, { wayBack }: Seen): Step[] {
  return wayBack ? forgettingWayBack(path) : [];
}

function removing(path: string): Step {
  return { run: take(path), purpose: `removing ${path}`, advice: ({ stderr }) => whyNotReplaced(path, stderr) };
}

function asFound(path: string, found: Node | undefined, { here, kept, hollow }: Seen): Step[] {
  const advice = ({ stderr }: Reply) => whyNotReplaced(path, stderr);
  if (found?.is === "nothing")
    return here.is === "nothing" && hollow.length === 0
      ? []
      : [{ run: takeWithFolders(path), purpose: `removing ${path}, which was not there before`, advice }];
  // Without a copy in the ledger, the file was as declared when it was found. We did not write it, so it stays.
  if (kept.is === "nothing" || digest(kept) === digest(here)) return clearing(path, { hollow });
  const original = keptFile("File", path);
  // A loss of power could empty a copy that a former version made.
  if (kept.is === "file" && kept.sha256 === EMPTY && found?.is === "file" && found.sha256 !== EMPTY)
    throw new LvsError(
      `${original}, the copy of what was found at ${path}, is empty, and what was found was not: did the host lose power? ` +
        `Put a copy from a backup there. Without one, remove ${original}: ${path} then stays as it is`,
    );
  return [{ run: putBack(original, path), purpose: `putting back what was found at ${path}`, advice }];
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
