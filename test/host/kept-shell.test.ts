import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, type Script, sh } from "../../provider/host/command";
import { statistics, withSession } from "../../provider/host/pool";
import { open, server } from "./open-servers";
import { SlowLink, type SshServer } from "./ssh-server";

const look = (script: string, ...args: string[]): Script => ({ looks: [sh(script, ...args)] });
const act = (script: string, ...args: string[]): Script => ({ steps: [sh(script, ...args)] });
const run = (there: SshServer, script: Script) =>
  withSession(there.declared(), async (session) => {
    const { steps, looks } = await session.run(script);
    return (steps[0] ?? looks[0])?.stdout;
  });
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

/** What some work cost: connections, channels and scripts. */
async function cost(there: SshServer, work: () => Promise<unknown>) {
  const before = { ...statistics, dials: there.connections, execs: there.commands.length };
  await work();
  return {
    connections: there.connections - before.dials,
    channels: there.commands.length - before.execs,
    scripts: statistics.scripts - before.scripts,
  };
}

describe("scripts that are asked for together", () => {
  test("looks are one script, and steps follow each other in the same shell", async () => {
    const there = await server();
    const six = (script: (n: string) => Script) => () =>
      Promise.all(numbers(6).map(async (n) => expect(await run(there, script(n))).toBe(`${n}\n`)));
    const looks = six((n) => look('echo "$1"', n));
    expect(await cost(there, looks)).toEqual({ connections: 1, channels: 1, scripts: 1 });
    const acts = six((n) => act('echo "$1"', n));
    expect(await cost(there, acts)).toEqual({ connections: 0, channels: 0, scripts: 6 });
    expect(await cost(there, looks)).toEqual({ connections: 0, channels: 0, scripts: 1 });
  });

  test("what several ask alike is asked once, and answered to each", async () => {
    const there = await server();
    const file = join(mkdtempSync(join(tmpdir(), "lvs-")), "asked");
    const count = look('echo >>"$1"; wc -l <"$1"', file);
    const both = { looks: [sh("echo before"), ...(count.looks as Command[])] };
    const said = ({ looks = [] }: Script) =>
      withSession(there.declared(), async (session) =>
        (await session.run({ looks })).looks.map(({ stdout }) => stdout).join(""),
      );
    const answers = await Promise.all([count, both, look("echo other"), count].map(said));
    expect(answers).toEqual(["1\n", "before\n1\n", "other\n", "1\n"]);
    // An input is the asker's own.
    const input = (text: string): Script => ({ looks: [{ argv: ["cat"], stdin: text }] });
    expect(await Promise.all(["a\n", "b\n"].map((text) => run(there, input(text))))).toEqual(["a\n", "b\n"]);
    // At another time it may be otherwise.
    expect(await run(there, count)).toBe("2\n");
  });

  test("a cold host with six settings takes 10 round trips, and each later look one", async () => {
    const there = await server();
    const link = await new SlowLink().listen(there.port, 25);
    open.push(link);
    const declared = there.declared({ port: link.port });
    const setting = (n: string) =>
      withSession(declared, async (session) => {
        await session.run(look('echo "$1"', n));
        await session.run({ ...act('echo "$1"', n), looks: [sh(":")] });
      });
    await Promise.all(numbers(6).map(setting));
    expect(link.roundTrips).toBeLessThanOrEqual(10);
    const before = link.roundTrips;
    await withSession(declared, (session) => session.run(look("echo")));
    expect(link.roundTrips - before).toBe(1);
  });

  test("many steps go to a few shells, and leave room for others", async () => {
    const there = await server();
    await run(there, look(":"));
    const work = () =>
      Promise.all(numbers(60).map(async (n) => expect(await run(there, act('echo "$1"', n))).toBe(`${n}\n`)));
    expect(await cost(there, work)).toEqual({ connections: 0, channels: 3, scripts: 60 });
    expect(there.mostSessions).toBe(4);
  });

  test("one look that hangs is an error, and those that travelled with it are not", async () => {
    const there = await server();
    const good = numbers(3).map((n) => run(there, look('echo "$1"', n)));
    // A look of its own limit travels alone. This one stands for a look that takes longer than all may.
    const bad = run(there, look("kill -9 $$; echo not this"));
    await expect(bad).rejects.toThrow(/did not run to its end|was stopped/);
    expect(await Promise.all(good)).toEqual(["0\n", "1\n", "2\n"]);
  });
});

describe("a script in a shell that stays open", () => {
  test.each([
    ["ends its shell", "exit 3"],
    ["kills its shell", "kill -9 $$"],
    ["changes its folder, its environment and its mask", "cd /tmp; PATH=; umask 777; export IFS=x"],
    ["closes its outputs", "exec >&- 2>&-"],
    ["reads its input", "cat"],
    ["leaves functions and traps", "lvs() { :; }; trap 'echo trapped' EXIT; printf() { :; }"],
    ["defines what the shell needs", "timeout() { :; }; sed() { :; }; alias sh=true"],
    ["is no shell's language", "'"],
  ])("%s: the next one does not notice", async (_, script) => {
    const there = await server();
    const [mask] = [await run(there, look("umask; pwd"))];
    for (const one of [look(script), act(script)]) {
      await run(there, one).catch(() => {});
      expect(await run(there, look("umask; pwd"))).toBe(mask);
      expect(await run(there, act("umask; pwd"))).toBe(mask);
    }
    expect(there.connections).toBe(1);
  });

  test("what it leaves running does not write into the next one's answer", async () => {
    const there = await server();
    await run(there, look(":"));
    await run(
      there,
      act("setsid sh -c 'for i in 1 2 3 4 5 6; do echo noise; echo noise >&2; sleep 0.1; done' & echo started"),
    );
    for (const _ of numbers(3))
      expect(
        await withSession(there.declared(), (session) => session.run(look("sleep 0.2; echo clean; echo ok >&2"))),
      ).toMatchObject({
        looks: [{ exit: 0, stdout: "clean\n", stderr: "ok\n" }],
      });
    expect(there.commands).toHaveLength(1);
  });

  test("outputs are whole: bytes of all values, many lines, none, and words like its own", async () => {
    const there = await server();
    await run(there, look(":"));
    const file = `/tmp/lvs-bytes-${process.pid}`;
    writeFileSync(file, Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256)));
    const many = "x\n\n".repeat(400_000);
    for (const script of [look, act]) {
      expect(await run(there, script('od -An -v -tu1 "$1" | tr -d " \\n" | wc -c; base64 -w0 "$1"', file))).toBe(
        `10528\n${readFileSync(file).toString("base64")}`,
      );
      expect(await run(there, script('cat "$1"; echo', file))).toContain(readFileSync(file).toString());
      expect((await run(there, script("yes 'x\n' | head -n 800000"))) === many).toBe(true);
      expect(await run(there, script(":"))).toBe("");
      expect(await run(there, script("printf '\\nlvs-0 0\\n\\nlvs-1 \\n' | tee /dev/stderr"))).toBe(
        "\nlvs-0 0\n\nlvs-1 \n",
      );
    }
    rmSync(file);
    expect(there.commands).toHaveLength(1);
  });

  test("a script that hangs is ended, and the shell serves the next", async () => {
    const there = await server();
    await run(there, look(":"));
    await expect(run(there, { ...act("sleep 60"), limit: 1 })).rejects.toMatchObject({ what: "timeout" });
    expect(await run(there, look("echo on"))).toBe("on\n");
  });

  test("the shell is killed on the host between two scripts: the next script opens another", async () => {
    const there = await server();
    await run(there, look(":"));
    // The parent of a look's shell is timeout(1), and the kept shell is the parent of that.
    process.kill(Number(await run(there, look("ps -o ppid= $PPID"))), "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await run(there, look("echo on"))).toBe("on\n");
    expect(there.connections).toBe(1);
    expect(there.commands).toHaveLength(2);
  });

  test("the shell is killed while a step runs: it may be half done, and is not repeated", async () => {
    const there = await server();
    await run(there, look(":"));
    const file = `/tmp/lvs-once-${process.pid}`;
    const once = run(
      there,
      act('echo x >>"$1"; kill -9 $(ps -o pgid= $PPID); kill -9 $(ps -o ppid= $PPID); sleep 1', file),
    );
    await expect(once).rejects.toMatchObject({ name: "HostError" });
    expect(readFileSync(file, "utf8")).toBe("x\n");
    rmSync(file);
  });
});

describe("where no shell can be kept", () => {
  test("a login that waits for the end of its input: each script has a channel", async () => {
    const slurp = (command: string) =>
      spawn("sh", ["-c", 'input=$(cat); printf "%s\\n" "$input" | sh -c "$1"', "sh", command]);
    const there = await server({ exec: slurp });
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance", "Date"] });
    try {
      const first = run(there, look("echo first"));
      await new Promise((resolve) => there.once("exec", resolve));
      await jest.advanceTimersByTimeAsync(100_000);
      jest.useRealTimers();
      expect(await first).toBe("first\n");
    } finally {
      jest.useRealTimers();
    }
    expect(await run(there, act("echo second"))).toBe("second\n");
    expect(there.connections).toBe(1);
  });

  test("sshd allows one session: scripts and files take turns", async () => {
    const there = await server({ maxSessions: 1 });
    const file = `/tmp/lvs-one-${process.pid}`;
    writeFileSync(file, "content\n");
    expect(await run(there, look("echo on"))).toBe("on\n");
    await withSession(there.declared(), (session) => session.upload(file, `${file}.there`));
    expect(readFileSync(`${file}.there`, "utf8")).toBe("content\n");
    const acts = numbers(12).map((n) => run(there, act('echo "$1"', n)));
    expect(await Promise.all(acts)).toEqual(numbers(12).map((n) => `${n}\n`));
    for (const each of [file, `${file}.there`]) rmSync(each);
    expect(there.connections).toBe(1);
  });
});
