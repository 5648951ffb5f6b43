import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Answer, Command } from "../../provider/host/command";
import { render } from "../../provider/host/shell";

/** Texts that run the command `pwn` if a language takes them for more than text. */
export const HOSTILE = [
  "`pwn`",
  "$(pwn)",
  ";pwn;",
  "|pwn&pwn",
  "';pwn;'",
  '";pwn;"',
  "\\';pwn;\\\";pwn;",
  "\npwn\n",
  "\rpwn\r",
  "END\npwn\nEND\n",
  "%n%s$HOME",
  "-rf *",
  "\0pwn",
  "\uD800",
] as const;

const PRIVATE = ["/etc", "/var", "/run", "/srv", "/proc/sys", "/usr/local/sbin", "/tmp"];

/** Tools that would reach beyond a sandbox. Here they only note their arguments and their input. */
const TOOLS = [
  ...[
    "ip",
    "nft",
    "iptables",
    "ip6tables",
    "iptables-legacy",
    "ip6tables-legacy",
    "iptables-restore",
    "ip6tables-restore",
  ],
  ...["ipvsadm", "firewall-cmd", "firewall-offline-cmd", "ufw", "modprobe", "systemctl", "journalctl", "systemd-run"],
  ...["apt-get", "apt-cache", "dpkg", "dpkg-query", "rpm", "dnf", "yum", "useradd", "userdel", "runuser", "psql"],
  ...["pg_isready", "curl", "arping", "setpriv", "restorecon", "sleep", "setsid"],
];

/**
 * A machine on which commands can be tried that may do anything: without a network, with folders of its own, and with all
 * others to be read alone.
 */
export class Sandbox {
  readonly #root = mkdtempSync(join(tmpdir(), "lvs-sandbox-"));
  #child: ChildProcess | undefined;

  constructor() {
    for (const folder of [...PRIVATE, "/run/mount", "/run/lock", "/proc/sys/net/ipv4"])
      mkdirSync(join(this.#root, folder), { recursive: true });
    this.write("/etc/passwd", "root:x:0:0::/:/bin/sh\n");
    this.write("/etc/group", "root:x:0:\n");
    const noting = (name: string) =>
      `#!/bin/sh\nprintf '%s\\0' ${name} "$@" >>/run/words\n[ "$*" = "\${*#-f -}" ] && [ "$*" = "\${*#-R}" ] || cat >>/run/input\n`;
    for (const name of TOOLS) this.#tool(name, noting(name));
    this.#tool("pwn", "#!/bin/sh\necho pwned >>/run/pwned\n");
  }

  #tool(name: string, text: string): void {
    this.write(`/usr/local/sbin/${name}`, text);
    chmodSync(join(this.#root, "/usr/local/sbin", name), 0o755);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.#root, path)), { recursive: true });
    writeFileSync(join(this.#root, path), text);
  }

  text(path: string): string | undefined {
    const full = join(this.#root, path);
    return existsSync(full) ? readFileSync(full, "utf8") : undefined;
  }

  /** Runs commands in one trip. Returns the replies, and throws if one of the commands ran `pwn`. */
  async run(commands: readonly Command[]): Promise<Answer> {
    const { text, read } = render({ looks: commands, limit: 600 });
    const frame = `for folder in ${PRIVATE.join(" ")}; do mount --bind "$1$folder" $folder || exit 1; done
      while read -r _ place _; do
        case $place in ${PRIVATE.join("|")}|/proc*|/dev*) ;; *) mount -o remount,bind,ro "$place" 2>/dev/null || :;; esac
      done </proc/self/mounts
      ! (: >/usr/lvs-sandbox) 2>/dev/null || exit 1
      exec sh`;
    const namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const child = spawn("unshare", [...namespaces, "sh", "-c", frame, "sh", this.#root]);
    this.#child = child;
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        said[name] += chunk;
      });
    child.stdin.end(text);
    await new Promise((resolve) => child.on("close", resolve));
    const pwned = this.text("/run/pwned");
    if (pwned !== undefined) throw new Error("a text was run as a command");
    return read(said.stdout, said.stderr);
  }

  [Symbol.dispose](): void {
    this.#child?.kill("SIGKILL");
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** The declaration with one of its texts changed, for each text, names of properties in records included. */
export function mutations(value: unknown, change: (text: string) => string): unknown[] {
  if (typeof value === "string") return [change(value)];
  if (Array.isArray(value))
    return value.flatMap((one, i) => mutations(one, change).map((other) => value.with(i, other)));
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, one]) => [
    ...mutations(one, change).map((other) => ({ ...value, [key]: other })),
    // The names of records are like values.
    ...(/[/.:]/.test(key) || /^[A-Z]/.test(key) ? [renamed(value, key, change(key))] : []),
  ]);
}

function renamed(value: object, key: string, name: string): object {
  return Object.fromEntries(Object.entries(value).map(([one, inner]) => [one === key ? name : one, inner]));
}
