import type { DeclaredHost } from "./declared";
import type { HostError } from "./errors";
import { hostError, oneLine } from "./naming";

// Exit statuses of the command line if the script did not run. A script itself ends with 0.

/** First boot did not end in time. */
const BOOTING = 90;
const NOT_ROOT = 91;
/** sudo did not take the password. */
const PASSWORD = 93;
/** timeout(1) exits with 124, or with 137 if it had to kill the program. */
const TIMED_OUT = [124, 137];

export interface Limits {
  /** Seconds after which the host ends the script; undefined for a shell that stays open. */
  readonly script: number | undefined;
  /** Seconds to wait for the end of first boot; undefined if first boot is known to be over. */
  readonly boot: number | undefined;
}

/**
 * The command for the login shell. The command becomes root and runs a program that reads our standard input. The default
 * program is a shell that reads a script.
 *
 * The command is one `sh -c '…'` without a single quote, an exclamation mark or a newline inside. Every login shell reads that
 * alike, csh and fish included.
 */
export function commandLine(host: DeclaredHost, limits: Limits, program = "sh"): string {
  const shell = limits.script === undefined ? program : `timeout -k 5 ${limits.script} ${program}`;
  const before = [
    ...(passwordOf(host) === undefined ? [] : ["IFS= read -r p"]),
    ...(limits.boot === undefined ? [] : [afterFirstBoot(limits.boot)]),
  ];
  if (needsSudo(host)) {
    if (passwordOf(host) !== undefined)
      before.push(
        // Without a terminal, sudo remembers a password for children of the same parent process (sudoers(5),
        // timestamp_type). This shell has to stay the parent of both sudo processes. So there is no exec, and the last
        // command is `exit`, because a shell may exec its last command by itself.
        `printf "%s\\n" "$p" | LC_ALL=C sudo -S -p "" -v || exit ${PASSWORD}`,
        "p=",
      );
    return `exec sh -c '${[...before, `LC_ALL=C sudo -n -H -- ${shell}`, "exit $?"].join("; ")}'`;
  }
  if (host.user !== "root") before.push(`[ "$(id -u)" = 0 ] || exit ${NOT_ROOT}`);
  return before.length === 0 ? `exec ${shell}` : `exec sh -c '${[...before, `exec ${shell}`].join("; ")}'`;
}

/**
 * The input that precedes the script: sudo's password. `read` consumes exactly this line, so the shell that runs the script
 * never gets the password, whether sudo takes the password or not.
 */
export function before(host: DeclaredHost): string {
  const password = passwordOf(host);
  if (password === undefined) return "";
  // The shell would run the rest of the password as the beginning of the script.
  if (/[\n\r\0]/.test(password))
    throw hostError(host, "sudo.password contains a line end: was it read from a file, and not trimmed?", "privilege");
  return `${password}\n`;
}

/** root is root: a host without sudo may have nobody else. */
function needsSudo({ user, sudo }: DeclaredHost): boolean {
  return Boolean(sudo) && user !== "root";
}

function passwordOf(host: DeclaredHost): string | undefined {
  return needsSudo(host) && typeof host.sudo === "object" ? host.sudo.password : undefined;
}

/** Waits for cloud-init, which installs packages and restarts the network. No script may run at the same time. */
function afterFirstBoot(seconds: number): string {
  const wait = `timeout ${seconds} cloud-init status --wait >/dev/null 2>&1 </dev/null; [ $? = 124 ] && exit ${BOOTING}`;
  return `d=/run/cloud-init; [ -d $d ] && { [ -e $d/result.json ] || [ -e $d/disabled ] || { command -v cloud-init >/dev/null && { ${wait}; }; }; }`;
}

/** How a shell ended that a script was sent to. */
export interface Ended {
  readonly exit: number;
  /** Whether the script began to run. */
  readonly began: boolean;
  /** What it said on standard error. */
  readonly output: string;
  /** What came on standard output before the script began: the words of a login shell that is none. */
  readonly noise?: string;
}

/** Why a script did not begin or did not end; undefined if the exit status does not say so. */
export function whyNotRun(host: DeclaredHost, limits: Limits, { exit, began, output, noise = "" }: Ended) {
  if (exit === BOOTING)
    return hostError(
      host,
      `first boot is not finished after ${limits.boot} s. Declare a longer \`ready\`, or see \`cloud-init status --long\` there`,
      "unreachable",
    );
  if (TIMED_OUT.includes(exit))
    return hostError(
      host,
      `a script did not end within ${limits.script} s and was stopped; what it began may be half done`,
      "timeout",
    );
  if (exit === NOT_ROOT)
    return hostError(
      host,
      `user ${host.user} is not root, and \`sudo\` is not set: declare sudo, or user root`,
      "privilege",
    );
  // sudo does not end well where it refuses: a start-up file of the login shell has ended it, perhaps.
  if (!needsSudo(host) || began || exit === 0) return undefined;
  const silent = !output.trim() && !noise.trim();
  const isSudo = [PASSWORD, 126, 127].includes(exit) || silent || /sudo|not allowed to execute|password/i.test(output);
  return isSudo ? sudoRefused(host, exit, output) : undefined;
}

function sudoRefused(host: DeclaredHost, exit: number, output: string): HostError {
  const words = oneLine(output);
  const rule = `a rule without password ("${host.user} ALL=(ALL) NOPASSWD: ALL" in /etc/sudoers.d)`;
  let advice = `Is ${host.user} allowed to run everything by sudo there?`;
  if (exit === 127) advice = "Install sudo there, or declare user root";
  else if (/^sudo: (timeout|sh): command not found/.test(words))
    advice = "sudo looks for programs elsewhere (secure_path, sudoers(5)), or coreutils (timeout) is missing there";
  else if (exit === 126)
    advice = `sudo lets programs start no others there (noexec, sudoers(5)): write "Defaults:${host.user} !noexec" to a file in /etc/sudoers.d`;
  else if (/must have a tty/.test(words))
    advice = `sudo asks for a terminal there (requiretty, sudoers(5)): write "Defaults:${host.user} !requiretty" to a file in /etc/sudoers.d`;
  else if (exit === PASSWORD)
    advice = `Is sudo.password that of ${host.user} (of root with rootpw or targetpw, sudoers(5)), and is ${host.user} a sudoer?`;
  else if (/password is required/.test(words))
    advice =
      typeof host.sudo === "object"
        ? `sudo does not remember the password (timestamp_timeout=0?): give ${host.user} ${rule}`
        : `Give ${host.user} ${rule}, or declare sudo: { password }`;
  return hostError(host, `user ${host.user} does not become root: ${words || `exit ${exit}`}. ${advice}`, "privilege");
}
