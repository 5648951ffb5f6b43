import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sh } from "../../provider/host/command";
import type { DeclaredHost } from "../../provider/host/declared";
import { closeIdle, withSession } from "../../provider/host/pool";
import { type ServerOptions, SshServer } from "./ssh-server";

const folder = mkdtempSync(join(tmpdir(), "lvs-privilege-"));
const password = "the pass'word $of \\the test";
const open: SshServer[] = [];

async function server(options?: ServerOptions): Promise<SshServer> {
  const made = await new SshServer(options).listen();
  open.push(made);
  return made;
}

async function whoami(declared: DeclaredHost): Promise<string> {
  try {
    const script = { steps: [{ argv: ["cat"], stdin: "step\n" }], looks: [{ argv: ["id", "-un"] }] };
    const answer = await withSession(declared, (session) => session.run(script));
    expect(answer.steps[0]?.stdout).toBe("step\n");
    return answer.looks[0]?.stdout.trim() ?? "";
  } catch (error) {
    const { what, message } = error as Error & { what: string };
    expect(message).not.toContain(password);
    return `${what}: ${message}`;
  }
}

afterEach(() => {
  closeIdle();
  for (const each of open.splice(0)) each.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An environment whose PATH has a command of this name. The server runs commands with it. */
function fake(name: string, script: string): NodeJS.ProcessEnv {
  const bin = mkdtempSync(join(folder, "bin-"));
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
  return { PATH: `${bin}:${process.env.PATH}` };
}

describe("becoming root", () => {
  test("a user who is not root and has no sudo is an error, and nothing is run", async () => {
    const there = await server({ env: fake("id", "echo 1000") });
    expect(await whoami(there.declared({ user: "admin" }))).toMatch(
      /^privilege: host rs1 .*user admin is not root, and `sudo` is not set/,
    );
  });

  test("a user of another name that is root needs no sudo", async () => {
    const there = await server({ env: fake("id", "echo 0") });
    expect(await whoami(there.declared({ user: "admin" }))).not.toMatch("privilege");
  });

  test.each([true, { password }])("root needs no sudo, which the host may not have: %j", async (sudo) => {
    const there = await server({ env: fake("sudo", "exit 127") });
    const user = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
    expect(await whoami(there.declared({ user: "root", sudo }))).toBe(user);
  });

  test.each([
    [
      "echo 'sudo: a password is required' >&2; exit 1",
      /password is required\. Give admin a rule without password .*NOPASSWD/,
    ],
    [
      "echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1",
      /must have a tty.*requiretty.*"Defaults:admin !requiretty"/,
    ],
    ["echo 'admin is not in the sudoers file.' >&2; exit 1", /sudoers file.*allowed to run everything/],
    ["exit 127", /Install sudo there/],
  ])("sudo says %s", async (script, message) => {
    const there = await server({ env: fake("sudo", script) });
    const said = await whoami(there.declared({ user: "admin", sudo: true }));
    expect(said).toMatch(/^privilege: host rs1 .*user admin does not become root/);
    expect(said).toMatch(message);
  });

  test("a shell that ends well before the script began is not blamed on sudo", async () => {
    const there = await server({ env: fake("sudo", "exit 0") });
    expect(await whoami(there.declared({ user: "admin", sudo: true }))).toMatch(
      /^refused: .*a script did not run to its end, exit 0: .*Does a start-up file of the shell \(\.bashrc\) end it/,
    );
  });

  test("a host without room for a script is told as that", async () => {
    const said = "sh: line 1: cannot create temp file for here-document: No space left on device";
    const there = await server({ env: fake("timeout", `cat >/dev/null; echo "${said}" >&2; exit 1`) });
    expect(await whoami(there.declared({ user: "root" }))).toMatch(
      /^refused: .*a script did not run to its end, exit 1: .*No space left on device\. A file system there is full .*make room \(df -h/,
    );
  });

  /** A sudo that writes its arguments to a file. It asks for no password, so the password stays unread. */
  const noting = (seen: string) =>
    fake(
      "sudo",
      `echo "$@" >>${seen}; case "$*" in *-v) exit 0;; esac; while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
    );

  test("the password is never in an argument, nor does the script's shell get it", async () => {
    const seen = join(folder, "seen");
    const there = await server({ env: noting(seen) });
    const user = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
    expect(await whoami(there.declared({ user: "admin", sudo: { password } }))).toBe(user);
    expect(there.commands.join() + readFileSync(seen, "utf8")).not.toContain(password);
  });

  test("an uploaded file has neither the password in it nor its first line taken for one", async () => {
    const [from, to] = [join(folder, "sent"), join(folder, "arrived")];
    writeFileSync(from, "first\nsecond\n");
    const there = await server({ env: noting("/dev/null") });
    await withSession(there.declared({ user: "admin", sudo: { password } }), (session) => session.upload(from, to));
    expect(readFileSync(to, "utf8")).toBe("first\nsecond\n");
  });

  test("a password with a line end is refused: its rest would be run", async () => {
    const there = await server();
    const said = await whoami(there.declared({ user: "admin", sudo: { password: "x\n" } }));
    expect(said).toMatch(/^privilege: .*sudo\.password contains a line end/);
    expect(there.commands).toEqual([]);
  });
});

test("a login that is no shell is not blamed on sudo, and what it said is told", async () => {
  const words = "This account is currently not available.";
  for (const to of ["1", "2"]) {
    const there = await server({ exec: () => spawn("sh", ["-c", `echo ${words} >&${to}; exit 1`]) });
    const said = await whoami(there.declared({ user: "admin", sudo: true }));
    expect(said).toMatch(/^refused: .*exit 1: .*currently not available.*May admin log in with a shell .*ForceCommand/);
    expect(said).not.toContain("sudo");
  }
});

describe("first boot", () => {
  test("every login shell takes the command line", async () => {
    const there = await server();
    await whoami(there.declared({ sudo: { password } }));
    await whoami(there.declared({ user: "admin" }));
    for (const command of there.commands) expect(command).toMatch(/^exec sh -c '[^'!\n]*'$/);
  });

  test("first boot is asked for once a connection, without an exec of its own", async () => {
    const there = await server();
    await withSession(there.declared(), async (session) => {
      await session.run({ looks: [sh(":")] });
      await session.run({ looks: [sh(":")], limit: 60 });
    });
    const asks = there.commands.map((command) => command.includes("cloud-init"));
    expect(asks).toEqual([true, false]);
  });

  /** Logs in where the command line looks for cloud-init's marks in `folder` instead of /run/cloud-init. */
  async function booting(folder: string, ready: number, cloudInit: string): Promise<string> {
    const env = { ...process.env, ...fake("cloud-init", cloudInit) };
    const exec = (command: string) => spawn("sh", ["-c", command.replaceAll("/run/cloud-init", folder)], { env });
    return whoami((await server({ exec })).declared({ ready }));
  }

  test("first boot that goes on is waited for", async () => {
    const run = mkdtempSync(join(folder, "run-"));
    const asked = join(folder, "asked");
    await booting(run, 5, `echo "$@" >${asked}; exit 1`);
    expect(readFileSync(asked, "utf8")).toBe("status --wait\n");
    for (const over of ["result.json", "disabled"]) {
      rmSync(asked, { force: true });
      writeFileSync(join(run, over), "");
      await booting(run, 5, `echo "$@" >${asked}`);
      expect(existsSync(asked)).toBe(false);
      rmSync(join(run, over));
    }
  });

  test("first boot that does not end is an error after `ready`", async () => {
    const run = mkdtempSync(join(folder, "run-"));
    expect(await booting(run, 1, "sleep 60")).toMatch(/^unreachable: .*first boot is not finished after 1 s/);
  });
});

/**
 * The real sudo, with an /etc of its own in a mount namespace. The machine's users and rules stay untouched. The tests
 * need root and sudo.
 */
const canSandbox = process.getuid?.() === 0 && spawnSync("unshare", ["-m", "sudo", "-V"]).status === 0;
if (!canSandbox) console.warn("skipped: the real sudo needs root and the package sudo");

(canSandbox ? describe : describe.skip)("the real sudo", () => {
  function sandbox(rule: string): ServerOptions {
    const etc = mkdtempSync(join(folder, "etc-"));
    chmodSync(etc, 0o755);
    const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], {
      input: `${password}\n`,
      encoding: "utf8",
    }).trim();
    writeFileSync(join(etc, "passwd"), `${readFileSync("/etc/passwd", "utf8")}lvsadmin:x:4242:4242::/tmp:/bin/sh\n`);
    writeFileSync(join(etc, "shadow"), `${readFileSync("/etc/shadow", "utf8")}lvsadmin:${hash}:19000:0:99999:7:::\n`);
    writeFileSync(join(etc, "sudoers"), `Defaults env_reset, use_pty\nroot ALL=(ALL) ALL\n${rule}\n`, { mode: 0o440 });
    chmodSync(join(etc, "shadow"), 0o640);
    mkdirSync(join(etc, "ts"), { mode: 0o711 });
    const prepare = [
      ...["passwd", "shadow", "sudoers"].map((name) => `mount --bind ${join(etc, name)} /etc/${name}`),
      "mkdir -p /run/sudo && mount -t tmpfs -o mode=711 none /run/sudo",
      'exec setpriv --reuid 4242 --regid 4242 --clear-groups sh -c "$1"',
    ].join(" && ");
    const exec = (command: string): ChildProcess =>
      spawn("setsid", ["unshare", "-m", "sh", "-c", prepare, "sh", command]);
    return { exec };
  }
  const declared = async (rule: string, sudo: DeclaredHost["sudo"]) =>
    whoami((await server(sandbox(rule))).declared({ user: "lvsadmin", sudo }));

  test("asks no password", async () => {
    expect(await declared("lvsadmin ALL=(ALL) NOPASSWD: ALL", true)).toBe("root");
  });
  test("asks the password, and gets it", async () => {
    expect(await declared("lvsadmin ALL=(ALL) ALL", { password })).toBe("root");
  });
  test("asks no password, although one is declared", async () => {
    expect(await declared("lvsadmin ALL=(ALL) NOPASSWD: ALL", { password })).toBe("root");
  });
  test("asks a password, and none is declared", async () => {
    expect(await declared("lvsadmin ALL=(ALL) ALL", true)).toMatch(/^privilege: .*a password is required.*NOPASSWD/);
  });
  test("gets a wrong password", async () => {
    const said = await declared("lvsadmin ALL=(ALL) ALL", { password: "wrong" });
    expect(said).toMatch(/^privilege: .*lvsadmin does not become root: .*Is sudo\.password that of lvsadmin/);
  });
  test.each([
    ["noexec", /privilege: .*\(noexec, sudoers\(5\)\): write "Defaults:lvsadmin !noexec"/],
    ["secure_path=/nowhere", /privilege: .*timeout: command not found\. .*secure_path/],
    ["requiretty", /privilege: .*!requiretty/],
  ])("has a setting by which it is of no use: %s", async (setting, cure) => {
    expect(await declared(`Defaults ${setting}\nlvsadmin ALL=(ALL) NOPASSWD: ALL`, true)).toMatch(cure);
  });
  test("reads a lecture, logs what goes in and out, and remembers the password otherwise", async () => {
    for (const settings of ["lecture=always", "log_input, log_output", "timestamp_type=ppid", "timestamp_type=global"])
      expect(await declared(`Defaults ${settings}\nlvsadmin ALL=(ALL) ALL`, { password })).toBe("root");
  });
  test("refuses the user", async () => {
    expect(await declared("", { password })).toMatch(/^privilege: .*sudoer/);
    expect(await declared("", true)).toMatch(/^privilege: /);
  });
  test("remembers no password", async () => {
    const rule = "Defaults timestamp_timeout=0\nlvsadmin ALL=(ALL) ALL";
    expect(await declared(rule, { password })).toMatch(/^privilege: .*timestamp_timeout=0/);
  });
  test("runs a script that is larger than any buffer", async () => {
    const there = await server(sandbox("lvsadmin ALL=(ALL) ALL"));
    const text = `${"0123456789".repeat(100_000)}\n`;
    const answer = await withSession(there.declared({ user: "lvsadmin", sudo: { password } }), (session) =>
      session.run({ looks: [{ argv: ["cat"], stdin: text }, sh("id -u; exit 7")] }),
    );
    expect(answer.looks[0]?.stdout === text).toBe(true);
    expect(answer.looks[1]).toEqual({ exit: 7, stdout: "0\n", stderr: "" });
  });
  test.each([
    ["without password", "lvsadmin ALL=(ALL) NOPASSWD: ALL", true],
    ["with a password that it needs", "lvsadmin ALL=(ALL) ALL", { password }],
    ["with a password that it does not need", "lvsadmin ALL=(ALL) NOPASSWD: ALL", { password }],
  ])("an upload %s arrives as it is, and is root's", async (_, rule, sudo) => {
    const [from, to] = [join(folder, "sent"), join(folder, "arrived")];
    const content = randomBytes(2_000_001);
    writeFileSync(from, content);
    rmSync(to, { force: true });
    const there = await server(sandbox(rule));
    await withSession(there.declared({ user: "lvsadmin", sudo }), (session) => session.upload(from, to));
    expect(readFileSync(to).equals(content)).toBe(true);
    expect(statSync(to).uid).toBe(0);
  });
  test("a script that hangs is ended", async () => {
    const there = await server(sandbox("lvsadmin ALL=(ALL) NOPASSWD: ALL"));
    const run = withSession(there.declared({ user: "lvsadmin", sudo: true }), (session) =>
      session.run({ limit: 1, looks: [sh("sleep 60")] }),
    );
    await expect(run).rejects.toMatchObject({ what: "timeout" });
  });
});
