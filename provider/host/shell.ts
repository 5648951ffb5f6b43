import { randomBytes } from "node:crypto";
import { type Answer, type Command, type Reply, type Script, Secret, sh } from "./command";
import { LvsError } from "./errors";

/**
 * Many commands in one trip: a shell script for the standard input of `sh`, and a reader of the script's output.
 *
 * The whole script is one function that the last line calls. The shell reads the function to its end before it runs any of
 * it, so a connection that is cut while the script is sent has no effect. A mark separates the replies. The mark is random and
 * new for each script, so no output contains it.
 */
export interface Rendered {
  readonly text: string;
  /** Whether the script began to run. */
  began(stdout: string): boolean;
  /** Throws if the output is not complete. */
  read(stdout: string, stderr: string): Answer;
}

/**
 * The folder of the locks. Its file system is empty after a reboot. Root alone can write to /run. In /run/lock any user could
 * make the folder first and lead our files elsewhere by links. Root alone can open a lock, because whoever can read a file can
 * hold its lock (flock(2)).
 */
export const LOCKS = "/run/lvs";

/** Every trip that changes something holds this lock, shared. What is brought back meanwhile would be in its way. */
export const TRIPS = `${LOCKS}/trips`;

/** Shell: makes the folder of the locks if it is missing. Another run may make it at the same time. */
export const LOCKS_THERE = `{ [ -d ${LOCKS} ] || mkdir -m 700 ${LOCKS} || [ -d ${LOCKS} ]; }`;

/** A script as earlier versions wrote it: the locks were elsewhere. */
export function withFormerLocks(script: string): string {
  const there = "{ [ -d /run/lock/lvs ] || mkdir -p /run/lock/lvs; }";
  return script.replaceAll(LOCKS_THERE, there).replaceAll(`${LOCKS}/`, "/run/lock/lvs/");
}

/**
 * Shell: replaces a file by another one that is complete. After a loss of power, one of the two is there with its content. The
 * content is synced before the rename, because a file system may write the new name first and leave an empty file (ext4 writes
 * content up to 30 s later). A symbolic link has no content to sync.
 */
export function intoPlace(file: string, place: string): string {
  return `{ [ -L ${file} ] || sync ${file}; } && mv -fT ${file} ${place} && ${forGood(place)}`;
}

/** Shell: the standard input becomes the file "$1.new", and is on the disk. One program does both. */
export const INPUT_ON_DISK = `dd of="$1.new" bs=64k conv=fsync status=none`;

/** Shell: the file "$1.new", which is on the disk, replaces "$1". */
export const NEW_INTO_PLACE = `mv -fT "$1.new" "$1" && ${forGood('"$1"')}`;

/** Shell: the standard input becomes the file "$1", as a whole or not at all. */
export const INPUT_INTO_PLACE = `${INPUT_ON_DISK} && ${NEW_INTO_PLACE}`;

/**
 * Shell: runs a script whose standard input is the file, if the file is there. Another run may remove the file at any moment: the
 * script then reads all of it, or does not run. If the file is there and cannot be read, `unreadable` runs.
 */
export function reading(file: string, script: string, unreadable: string): string {
  return `{ [ ! -e ${file} ] || { ${script}; } <${file} || [ ! -e ${file} ] || ${unreadable}; }`;
}

/** Shell: runs a script in the folder, if it is there, in a subshell. Where the folder is not there, no process is started. */
export function inFolder(folder: string, script: string): string {
  return `[ ! -d ${folder} ] || (cd ${folder} 2>/dev/null || exit 0\n${script})`;
}

/**
 * Shell: makes the present state of a path outlive a loss of power, whether a file is there or was removed. A name is on the
 * disk once the folder that holds the name was synced (fsync(2)). If that folder was removed, the nearest one above is synced.
 */
export function forGood(path: string): string {
  return `{ at=${path}; until at=\${at%/*}; [ -d "\${at:-/}" ] && sync "\${at:-/}"; do [ ! -d "\${at:-/}" ] || exit 1; done; }`;
}

/** Shell: removes the file "$1". */
export const REMOVED_FOR_GOOD = `rm -f "$1" && ${forGood('"$1"')}`;

/** Shell: the same for the links by which systemctl enables a unit. Only systemd knows their folders, so all of /etc is synced. */
export const ENABLED_FOR_GOOD = "sync -f /etc";

/** Shell: takes this lock and holds it until the script ends. The script fails if it does not get the lock in so many seconds. */
export function hold(name: string, seconds = 100): string {
  return `${LOCKS_THERE} && exec 8>${LOCKS}/${name} && flock -w ${seconds} 8 || exit 1`;
}

/**
 * Variables of whoever logs in by which tools would do or print something else: options of grep and tar, colours, POSIX's order of
 * words, another folder for temporary files that may not be there.
 */
const ELSEWHERE = [
  ...["GREP_OPTIONS", "GREP_COLOR", "TAR_OPTIONS", "POSIXLY_CORRECT", "LS_BLOCK_SIZE", "BLOCK_SIZE", "QUOTING_STYLE"],
  ...["SYSTEMD_COLORS", "SYSTEMD_LOG_LEVEL", "CDPATH", "TMPDIR"],
];

/** Where a trip looks for programs. */
const PROGRAMS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

export function render(script: Script): Rendered {
  const mark = `lvs-${randomBytes(9).toString("hex")}`;
  const steps = script.steps ?? [];
  const looks = script.looks ?? [];
  const text = [
    "lvs() {",
    // Whoever logs in may have switched these on for bash (SHELLOPTS): to end at the first failure, to print what runs.
    "set +aefuvxC",
    `export LC_ALL=C PATH=${PROGRAMS.join(":")}; umask 022`,
    `unset ${ELSEWHERE.join(" ")}`,
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

/**
 * Shell: `tools_fit` fails where the tools that we write with are those of BusyBox. They know fewer options, and would say so when
 * something is changed already. BusyBox gives its tools by links: where a tool is none, no program is started for that.
 */
const TOOLS_FIT = `tools_fit() {
  for tool in dd flock; do
    for folder in ${PROGRAMS.join(" ")}; do
      [ -x "$folder/$tool" ] || continue
      [ ! -L "$folder/$tool" ] || case $(readlink -f "$folder/$tool") in
      */busybox*) echo "dd or flock is that of BusyBox" >&2; return 1;;
      esac
      break
    done
  done
}`;

/** Exit status of the first step if the script did not get the lock (EX_TEMPFAIL of sysexits.h). */
const LOCKED = 75;

/**
 * A shell exits when a redirection of a special built-in like `exec` fails; `command` prevents that (POSIX, 2.8.1). flock(1) ends
 * with 1 where another one has the lock, and otherwise where there is none to be had.
 */
function locking(name: string, limit: number): string[] {
  const lock = (descriptor: number, file: string, how = "") =>
    `command exec ${descriptor}>${file} && { flock ${how}-w ${limit} ${descriptor} || { [ $? != 1 ] || echo "another run holds" ${file} >&2; false; }; }`;
  const locks = `${lock(7, TRIPS, "-s ")} && ${lock(9, quote(`${LOCKS}/${name}`))}`;
  return [TOOLS_FIT, `tools_fit && ${LOCKS_THERE} && ${locks} || { ok=0; skipped=${LOCKED}; }`];
}

function line(command: Command, mark: string): string {
  const words = inShell(command);
  if (command.stdin === undefined) return `${words} </dev/null 7>&- 9>&-`;
  const input = command.stdin instanceof Secret ? command.stdin.reveal() : command.stdin;
  // A here-document ends with a newline and cannot carry NUL; anything else travels as base64.
  if (input.endsWith("\n") && !input.includes("\0")) return `${words} 7>&- 9>&- <<'${mark}'\n${input}${mark}`;
  // A pipe does not tell its reader that the writer failed: a file would be emptied. bash writes a long here-document to /tmp,
  // which may be full, and a host may have no base64. So the text stands in a variable, and is tried before it is sent.
  const decode = 'printf %s "$lvs_input" | base64 -d';
  return `lvs_input='${Buffer.from(input).toString("base64")}'; ${decode} >/dev/null && ${decode} | ${words} 7>&- 9>&-`;
}

/** A command as a part of a script. Its input is that of the script. */
export function inShell({ argv, ours }: Command): string {
  if (!ours) return argv.map(quote).join(" ");
  const [, , script = "", , ...args] = argv;
  const [open, close] = ours === "inline" ? ["{", "}"] : ["(", ")"];
  return `${open}\nset -- ${args.map(quote).join(" ")}\n${script}\n${close}`;
}

/** A script around a command, with the command's input. The script has the command as `inShell` of it. */
export function around({ stdin }: Command, script: string, ...args: string[]): Command {
  return stdin === undefined ? sh(script, ...args) : { ...sh(script, ...args), stdin };
}

/**
 * Quotes a word for the shell. An argument of a command has no NUL, and half of a surrogate pair has no form in UTF-8. Both are
 * refused, because another text than the declared one would arrive.
 */
export function quote(word: string): string {
  if (/\0|\p{Surrogate}/u.test(word))
    throw new LvsError(
      `${JSON.stringify(word)} cannot be an argument of a command: leave out the NUL or half character`,
    );
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Reads the replies. The output before the first mark is the login shell's. The first mark is followed by the machine-id. */
function read(mark: string, steps: number, looks: number, stdout: string, stderr: string): Answer {
  const [noise, ...outs] = stdout.split(`\n${mark} `);
  const errs = stderr.split(`\n${mark}\n`).slice(1);
  const whole = 1 + steps + looks;
  // The last mark counts only with its newline. Without the newline its exit status may be cut off.
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
