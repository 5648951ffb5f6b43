import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { type Script, Secret, sh } from "../provider/host/command";
import { quote, render } from "../provider/host/shell";

const shells = ["sh", "bash", "dash"].filter(
  (shell) => spawnSync(shell, ["-c", ":"], { stdio: "ignore" }).status === 0,
);

function run(shell: string, script: Script) {
  const rendered = render(script);
  const said = spawnSync(shell, { input: rendered.text, encoding: "utf8" });
  return rendered.read(said.stdout, said.stderr);
}

describe.each(shells)("a script read by %s", (shell) => {
  const look = (argv: string[], stdin?: string | Secret) =>
    run(shell, { looks: [stdin === undefined ? { argv } : { argv, stdin }] }).looks[0];

  test("tells which machine it is", () => {
    const { machine } = run(shell, {});
    expect(machine).toMatch(/^([0-9a-f]{32})?$/);
  });

  test.each([
    ["nothing", ""],
    ["a line", "one\n"],
    ["no newline at the end", "one"],
    ["only newlines", "\n\n\n"],
    ["what shells expand", "$HOME `id` $(id) \\ \\n ' \" * ~ ! # ; & |\n"],
    ["here-document marks", "<<EOF\nEOF\n"],
    ["NUL bytes", "a\0b\0\n"],
    ["more than a pipe holds", `${"0123456789abcdef".repeat(20_000)}\n`],
    ["more than a pipe holds, without newline", "0123456789abcdef".repeat(20_000)],
    ["other alphabets", "Überprüfung 仮想サーバー\n"],
    ["carriage returns and tabs", "a\r\n\tb\r\n"],
  ])("stdin carries %s", (_what, text) => {
    expect(look(["cat"], text)).toEqual({ exit: 0, stdout: text, stderr: "" });
    expect(look(["cat"], new Secret(text))?.stdout).toBe(text);
  });

  test("words arrive as they are", () => {
    const words = ["", " ", "it's", '"', "$HOME", "`id`", "a\nb", "*", "-n", "\\", "!", "ü", "a=b", "~", "{a,b}", "#"];
    expect(look(["printf", "<%s>", ...words])?.stdout).toBe(words.map((word) => `<${word}>`).join(""));
  });

  test("a command without stdin does not read the rest of the script", () => {
    const answer = run(shell, { looks: [{ argv: ["cat"] }, { argv: ["echo", "after"] }] });
    expect(answer.looks.map((reply) => reply.stdout)).toEqual(["", "after\n"]);
  });

  test("output keeps its newlines, or the lack of them", () => {
    const outputs = ["", "x", "x\n", "\nx\n\n", "\n"];
    const answer = run(shell, { looks: outputs.map((text) => ({ argv: ["printf", "%s", text] })) });
    expect(answer.looks.map((reply) => reply.stdout)).toEqual(outputs);
  });

  test("stderr belongs to its command", () => {
    const answer = run(shell, { looks: [sh("echo a >&2"), sh("echo b"), sh("printf c >&2; exit 3")] });
    expect(answer.looks).toEqual([
      { exit: 0, stdout: "", stderr: "a\n" },
      { exit: 0, stdout: "b\n", stderr: "" },
      { exit: 3, stdout: "", stderr: "c" },
    ]);
  });

  test("the first step that fails ends the steps, and the looks go on", () => {
    const answer = run(shell, {
      steps: [sh("echo one"), sh("exit 4"), sh("echo three"), { argv: ["cat"], stdin: "four\n" }],
      looks: [{ argv: ["false"] }, sh("echo seen")],
    });
    expect(answer.steps.map((reply) => reply.exit)).toEqual([0, 4, undefined, undefined]);
    expect(answer.steps.map((reply) => reply.stdout)).toEqual(["one\n", "", "", ""]);
    expect(answer.looks.map((reply) => reply.exit)).toEqual([1, 0]);
  });

  test("a command that does not exist is a reply", () => {
    expect(look(["lvs-no-such-command"])?.exit).toBe(127);
  });

  test("a step with stdin answers its own exit", () => {
    expect(run(shell, { steps: [{ ...sh("cat >/dev/null; exit 5"), stdin: "x" }] }).steps[0]?.exit).toBe(5);
  });

  test("messages are in English, and a umask is set", () => {
    expect(look(["sh", "-c", "echo $LC_ALL; umask"])?.stdout).toBe("C\n0022\n");
  });

  test("what whoever logs in has told tools to do otherwise does not count", () => {
    const rendered = render({ looks: [sh('echo a1 | grep -o "[0-9]"; cd "$1"; pwd; mktemp -u', "etc")] });
    const env = { ...process.env, CDPATH: "/", GREP_OPTIONS: "-v", TAR_OPTIONS: "-v", TMPDIR: "/nowhere" };
    const said = spawnSync(shell, { input: rendered.text, encoding: "utf8", env, cwd: "/" });
    const [reply] = rendered.read(said.stdout, said.stderr).looks;
    expect(reply).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^1\n\/etc\n\/tmp\//) });
  });

  test("what whoever logs in has switched on in bash is off", () => {
    const rendered = render({
      steps: [
        sh('a=1; echo 1 >"$1"; echo 2 >"$1"; false; echo "$b" ./et[c]', "/dev/null"),
        { argv: ["cat"], stdin: "s3cr3t" },
      ],
    });
    const env = { ...process.env, SHELLOPTS: "allexport:errexit:noclobber:noglob:nounset:verbose:xtrace" };
    const said = spawnSync(shell, { input: rendered.text, encoding: "utf8", env, cwd: "/" });
    expect(rendered.read(said.stdout, said.stderr).steps).toEqual([
      { exit: 0, stdout: " ./etc\n", stderr: "" },
      { exit: 0, stdout: "s3cr3t", stderr: "" },
    ]);
  });

  test("what a login shell says first does not matter", () => {
    const rendered = render({ looks: [sh("echo x")] });
    const said = spawnSync(shell, { input: rendered.text, encoding: "utf8" });
    const answer = rendered.read(`Welcome!\n${said.stdout}`, `bash: warning\n${said.stderr}`);
    expect(answer.looks).toEqual([{ exit: 0, stdout: "x\n", stderr: "" }]);
  });

  test("secrets are in no argument of any process", () => {
    const secret = "s3cr3t-of-the-test";
    const reply = run(shell, {
      looks: [{ argv: ["sh", "-c", "cat >/dev/null; cat /proc/[0-9]*/cmdline"], stdin: new Secret(`${secret}\n`) }],
    }).looks[0];
    expect(reply?.stdout).not.toBe("");
    expect(reply?.stdout).not.toContain(secret);
  });

  test("a script that is cut before its end does nothing", () => {
    const file = `/tmp/lvs-cut-${randomBytes(6).toString("hex")}`;
    const { text } = render({ steps: [{ argv: ["touch", file] }], looks: [{ argv: ["touch", file] }] });
    for (let end = 0; end < text.length - "lvs\n".length; end += 7)
      spawnSync(shell, { input: text.slice(0, end), encoding: "utf8" });
    expect(existsSync(file)).toBe(false);
    rmSync(file, { force: true });
  });

  test("output that is cut is not an answer", () => {
    const rendered = render({ looks: [sh("echo x; echo y >&2"), sh("echo z")] });
    const said = spawnSync(shell, { input: rendered.text, encoding: "utf8" });
    for (let end = 0; end < said.stdout.length; end++)
      expect(() => rendered.read(said.stdout.slice(0, end), said.stderr)).toThrow("the shell ended early");
    for (let end = 0; end < said.stderr.length; end++)
      expect(() => rendered.read(said.stdout, said.stderr.slice(0, end))).toThrow("the shell ended early");
    expect(() => rendered.read("", "/bin/false: not a shell")).toThrow("not a shell");
    expect(rendered.began("")).toBe(false);
    expect(rendered.began(said.stdout)).toBe(true);
  });

  const locks = process.getuid?.() === 0 ? test : test.skip;
  locks("scripts with the same lock take turns", async () => {
    const lock = `test-${randomBytes(6).toString("hex")}`;
    const log = `/tmp/lvs-${lock}`;
    const enter = sh('echo in >>"$1"; sleep 0.1; echo out >>"$1"', log);
    const runs = [1, 2, 3].map(
      () =>
        new Promise((resolve) => {
          const child = spawn(shell, { stdio: ["pipe", "ignore", "ignore"] });
          child.on("close", resolve);
          child.stdin.end(render({ lock, steps: [enter] }).text);
        }),
    );
    await Promise.all(runs);
    expect(run(shell, { looks: [{ argv: ["cat", log] }] }).looks[0]?.stdout).toBe("in\nout\n".repeat(3));
    rmSync(log);
    rmSync(`/run/lvs/${lock}`);
  });

  locks("a lock that is not to be had fails the first step and runs none", () => {
    const lock = `test-${randomBytes(6).toString("hex")}`;
    const script = { lock, limit: 1, steps: [sh("echo one"), sh("echo two")], looks: [sh("echo seen")] };
    const holder = spawn("flock", [`/run/lvs/${lock}`, "sleep", "30"], { detached: true, stdio: "ignore" });
    try {
      spawnSync("sh", ["-c", `until ! flock -n /run/lvs/${lock} true; do sleep 0.05; done`]);
      const answer = run(shell, script);
      expect(answer.steps.map((reply) => reply.exit)).toEqual([75, undefined]);
      expect(answer.steps[0]?.stderr).toContain("another run holds");
      expect(answer.steps.map((reply) => reply.stdout)).toEqual(["", ""]);
      expect(answer.looks[0]?.stdout).toBe("seen\n");
    } finally {
      process.kill(-(holder.pid as number));
      rmSync(`/run/lvs/${lock}`);
    }
  });

  locks("a user without rights cannot open a lock, and so cannot hold it", () => {
    const lock = `test-${randomBytes(6).toString("hex")}`;
    expect(run(shell, { lock, steps: [sh("echo one")] }).steps).toMatchObject([{ exit: 0 }]);
    const theirs = spawnSync("setpriv", ["--reuid=65534", "--clear-groups", "flock", "-n", `/run/lvs/${lock}`, "true"]);
    expect(theirs.status).not.toBe(0);
    expect(theirs.stderr.toString()).toContain("Permission denied");
    rmSync(`/run/lvs/${lock}`);
  });

  locks("a lock that cannot be made is a failed step, not the end of the shell", () => {
    const answer = run(shell, { lock: "no/such/folder", steps: [sh("echo one")], looks: [sh("echo seen")] });
    expect(answer.steps).toMatchObject([{ exit: 75, stdout: "" }]);
    expect(answer.steps[0]?.stderr).toMatch(/no\/such\/folder/);
    expect(answer.looks[0]?.stdout).toBe("seen\n");
  });
});

test("a word that no argument can carry is an error of ours", () => {
  expect(() => quote("a\0b")).toThrow("NUL");
});

test("a secret does not print", () => {
  const secret = new Secret("hidden");
  expect([`${secret}`, JSON.stringify({ secret })]).toEqual(["[secret]", '{"secret":"[secret]"}']);
});
