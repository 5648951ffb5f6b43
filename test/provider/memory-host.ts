import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Answer, Script, Session } from "../../provider/host/command";
import { HostError } from "../../provider/host/errors";
import { render } from "../../provider/host/shell";
import { FAKES } from "./fakes";
import { Shells } from "./shells";

/** These folders are the host's own. Everything else belongs to the machine. */
const PRIVATE = [
  ...["/etc", "/var/lib", "/var/spool", "/run", "/srv", "/proc/sys", "/sys/module", "/usr/local/sbin"],
  "/usr/lib/systemd/system",
];

/** Whether hosts can be made on this machine: each script runs in a mount namespace of its own. */
export const hostsArePossible =
  spawnSync("unshare", ["--mount", "mount", "--bind", "/tmp", "/srv"], { stdio: "ignore" }).status === 0;

/**
 * A host for tests. Scripts run in the machine's real shell with its real tools, but in a mount namespace. There the
 * folders that matter are in a temporary folder, and `systemctl`, `apt-get`, `modprobe` and the like are fakes with
 * their state in files. Nothing on the machine changes.
 */
export class MemoryHost implements Session {
  readonly root = mkdtempSync(join(tmpdir(), "lvs-host-"));
  /** Every script that was run. */
  readonly scripts: Script[] = [];
  /** Called before each script. */
  before: ((script: Script) => void | Promise<void>) | undefined;
  /** Each script has a network of its own: what the machine's kernel has loaded for its own one does not show. */
  hasOwnNetwork = false;
  /** What sshd says of the connection. Its packets never leave the machine. */
  connection = "127.0.0.1 40000 127.0.0.1 22";
  #cutAfter: number | undefined;
  /** From the first script on. */
  #shells: Shells | undefined;

  constructor(readonly name = "memory") {
    // mount(8) itself makes /run/mount.
    for (const folder of [...PRIVATE, "/run/lock", "/run/mount"])
      mkdirSync(join(this.root, folder), { recursive: true });
    this.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    this.write("/etc/os-release", "ID=debian\n");
    this.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\n");
    this.write("/etc/group", "root:x:0:\nwww-data:x:33:\n");
    for (const [name, text] of Object.entries(FAKES)) {
      this.write(`/usr/local/sbin/${name}`, text);
      chmodSync(join(this.root, "/usr/local/sbin", name), 0o755);
    }
  }

  /** Cuts the connection after this many steps of the next script that has steps. */
  cutAfter(steps: number): void {
    this.#cutAfter = steps;
  }

  async run(script: Script): Promise<Answer> {
    this.scripts.push(script);
    await this.before?.(script);
    const cut = script.steps?.length ? this.#cutAfter : undefined;
    if (cut === undefined) return this.#shell(script);
    this.#cutAfter = undefined;
    await this.#shell({ ...script, steps: script.steps?.slice(0, cut) ?? [], looks: [] });
    throw new HostError(`host ${this.name}: the connection was lost`, "cut");
  }

  /** Fails like dd where the folder is missing. */
  async upload(file: string, to: string): Promise<void> {
    copyFileSync(file, join(this.root, to));
  }

  async reconnect(): Promise<void> {}

  async #shell(script: Script): Promise<Answer> {
    const { text, read } = render(script);
    this.#shells ??= new Shells(PRIVATE.map((folder) => `${this.root}${folder} ${folder} none bind 0 0\n`).join(""));
    const { stdout, stderr } = await this.#shells.run(text, this.connection, this.hasOwnNetwork);
    return read(stdout, stderr);
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  text(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  mode(path: string): string {
    return (lstatSync(join(this.root, path)).mode & 0o7777).toString(8).padStart(4, "0");
  }

  /**
   * Every folder, file and link: mode, owner, content, and for files the time. Locks and the fakes' logs are left out.
   */
  snapshot(): string[] {
    const lines: string[] = [];
    const walk = (path: string) => {
      const full = join(this.root, path);
      const stat = lstatSync(full);
      const about = `${path} ${stat.mode.toString(8)} ${stat.uid}:${stat.gid}`;
      if (["/run/lock", "/run/log", "/run/lvs"].includes(path)) return;
      if (stat.isSymbolicLink()) lines.push(`${about} -> ${readlinkSync(full)}`);
      else if (stat.isFile())
        lines.push(`${about} ${stat.mtimeMs} ${createHash("sha256").update(readFileSync(full)).digest("hex")}`);
      else {
        lines.push(about);
        for (const name of readdirSync(full).sort()) walk(join(path, name));
      }
    };
    walk("/");
    return lines;
  }

  /** The arguments of every call of a fake or a logged tool, a line each. */
  calls(): string[] {
    return this.has("/run/log") ? this.text("/run/log").split("\n").filter(Boolean) : [];
  }

  [Symbol.dispose](): void {
    this.#shells?.end();
    const unsynced = this.calls().filter((line) => line.startsWith("not synced: "));
    rmSync(this.root, { recursive: true, force: true });
    if (unsynced.length > 0) throw new Error(`took a file's place, and a loss of power may empty it: ${unsynced}`);
  }
}
