import { randomBytes } from "node:crypto";
import { type Answer, type Command, type Reply, type Script, Secret } from "./command";

/**
 * Many commands in one trip: a shell script for the standard input of `sh`, and the way back from what it printed.
 *
 * The whole script is one function, called in the last line: the shell reads it to its end before it runs any of it, so a
 * connection that is cut while the script is being sent has no effect. Answers are told apart by a mark that no output
 * can contain, because it is drawn anew for each script.
 */
export interface Rendered {
  readonly text: string;
  /** Whether the script began to run. */
  began(stdout: string): boolean;
  /** Throws when the output is not whole. */
  read(stdout: string, stderr: string): Answer;
}

/** Where locks lie; the folder is on a file system that is empty after a reboot. */
export const LOCKS = "/run/lock/lvs";

const FOLDER = `{ [ -d ${LOCKS} ] || mkdir -p ${LOCKS}; }`;

/**
 * Shell: puts a file that is complete into another one's place, for good. A loss of power meanwhile leaves the one or the other, never
 * an empty one: a file system may write the new name before the content (ext4 within half a minute). A link has no content.
 */
export function intoPlace(file: string, place: string): string {
  return `{ [ -L ${file} ] || sync ${file}; } && mv -fT ${file} ${place} && ${forGood(place)}`;
}

/**
 * Shell: what is at this path now, or that nothing is, outlives a loss of power. Names are on the disk with the folder that holds them
 * (fsync(2)), or the nearest one above it that is left.
 */
export function forGood(path: string): string {
  return `{ at=${path}; until at=\${at%/*}; [ -d "\${at:-/}" ] && sync "\${at:-/}"; do [ ! -d "\${at:-/}" ] || exit 1; done; }`;
}

/** Shell: the same for the links by which systemctl enables a unit; only systemd knows in which folders they are. */
export const ENABLED_FOR_GOOD = "sync -f /etc";

/** Shell: holds this lock until the script ends; fails where it cannot be had in so many seconds. */
export function hold(name: string, seconds = 100): string {
  return `${FOLDER} && exec 8>${LOCKS}/${name} && flock -w ${seconds} 8 || exit 1`;
}

export function render(script: Script): Rendered {
  const mark = `lvs-${randomBytes(9).toString("hex")}`;
  const steps = script.steps ?? [];
  const looks = script.looks ?? [];
  const text = [
    "lvs() {",
    "export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; umask 022",
    `ok=1; m=${mark}; skipped=-`,
    `said() { printf '\\n%s %s\\n' $m "$1"; printf '\\n%s\\n' $m >&2; }`,
    `machine=; [ -r /etc/machine-id ] && read -r machine </etc/machine-id; said "$machine"`,
    ...(script.lock ? locking(script.lock, script.limit ?? 120) : []),
    ...steps.map(
      (step) =>
        `if [ $ok = 1 ]; then\n${line(step, mark)}\nr=$?; [ $r = 0 ] || ok=0; said $r\nelse said $skipped; skipped=-; fi`,
    ),
    ...looks.map((look) => `${line(look, mark)}\nsaid $?`),
    "}",
    "lvs",
    "",
  ].join("\n");
  return {
    text,
    began: (stdout) => stdout.includes(`\n${mark} `),
    read: (stdout, stderr) => read(mark, steps.length, looks.length, stdout, stderr),
  };
}

/** EX_TEMPFAIL of sysexits.h: what the first step answers when the lock cannot be had. */
const LOCKED = 75;

/** `command` because a shell ends when a redirection of `exec` itself fails. */
function locking(name: string, limit: number): string[] {
  const file = quote(`${LOCKS}/${name}`);
  return [
    `${FOLDER} && command exec 9>${file} && { flock -w ${limit} 9 || { echo "another run holds" ${file} >&2; false; }; } || { ok=0; skipped=${LOCKED}; }`,
  ];
}

function line(command: Command, mark: string): string {
  const words = started(command);
  if (command.stdin === undefined) return `${words} </dev/null 9>&-`;
  const input = command.stdin instanceof Secret ? command.stdin.reveal() : command.stdin;
  // A here-document ends with a newline and cannot carry NUL; anything else travels as base64.
  if (input.endsWith("\n") && !input.includes("\0")) return `${words} 9>&- <<'${mark}'\n${input}${mark}`;
  const coded = Buffer.from(input)
    .toString("base64")
    .replace(/(.{76})/g, "$1\n");
  return `{ base64 -d <<'${mark}'\n${coded}\n${mark}\n} | ${words} 9>&-`;
}

function started({ argv, ours }: Command): string {
  if (!ours) return argv.map(quote).join(" ");
  const [, , script = "", , ...args] = argv;
  return `(\nset -- ${args.map(quote).join(" ")}\n${script}\n)`;
}

/** A word as the shell takes it. */
export function quote(word: string): string {
  if (word.includes("\0")) throw new Error("an argument of a command cannot contain a NUL byte");
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The first mark ends what a login shell says before the script begins; it carries the machine-id. */
function read(mark: string, steps: number, looks: number, stdout: string, stderr: string): Answer {
  const [noise, ...outs] = stdout.split(`\n${mark} `);
  const errs = stderr.split(`\n${mark}\n`).slice(1);
  const whole = 1 + steps + looks;
  // The last mark has to be there up to its newline; a part of it is not an answer.
  if (outs.length !== whole || errs.length !== whole || !outs.at(-1)?.includes("\n"))
    throw new Error(`the shell ended early: ${(stderr || noise || "").trim().slice(-300) || "no output"}`);
  const answers = outs.map((out) => {
    const newline = out.indexOf("\n");
    return { word: out.slice(0, newline), rest: out.slice(newline + 1) };
  });
  const replies = answers.slice(1).map(({ word }, i): Reply => {
    const exit = word === "-" ? undefined : Number(word);
    return { exit, stdout: answers[i]?.rest ?? "", stderr: errs[i] ?? "" };
  });
  return { machine: answers[0]?.word ?? "", steps: replies.slice(0, steps), looks: replies.slice(steps) };
}
