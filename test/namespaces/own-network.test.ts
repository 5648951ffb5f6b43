import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { poll } from "../../provider/host/poll";
import { having } from "./having";

const ownNetwork = join(__dirname, "../../tools/dist/own-network.js");

/**
 * Starts a program that runs a script in namespaces of its own, as `npm test` does. The program ends when the script
 * ends.
 */
function start(script: string): ChildProcess {
  const program = `import { inOwnNetwork } from ${JSON.stringify(ownNetwork)};
    import { spawn } from "node:child_process";
    const { command, args, env } = inOwnNetwork("sh", ["-c", ${JSON.stringify(script)}]);
    spawn(command, args, { env: { ...process.env, ...env }, stdio: "inherit" }).on("exit", process.exit);`;
  const stdio = ["ignore", "pipe", "inherit"] as const;
  return spawn(process.execPath, ["--input-type=module", "-e", program], { detached: true, stdio: [...stdio] });
}

/** Runs a script to its end. Returns its exit status and what it printed. */
async function run(script: string): Promise<{ status: number | null; said: string }> {
  const one = start(script);
  const ended = once(one, "close");
  let said = "";
  one.stdout?.on("data", (chunk) => (said += chunk));
  const [status] = await ended;
  return { status, said };
}

test("the command has a network, files in /run and processes of its own, and its exit status is passed on", async () => {
  const { status, said } = await run("readlink /proc/self/ns/net; find /run ! -type d; echo $PPID; exit 7");
  expect(status).toBe(7);
  const [network, ...rest] = said.trim().split(/\s+/);
  expect(network).toMatch(/^net:\[\d+\]$/);
  expect(network).not.toBe(readlinkSync("/proc/self/ns/net"));
  expect(rest).toEqual(["1"]);
});

test("what the command leaves in shared memory goes with it", async () => {
  const name = `lvs-test-${process.pid}`;
  const { status, said } = await run(
    `echo left >/dev/shm/${name}; ipcmk -M 4096 >/dev/null; ls /dev/shm; ipcs -m | grep -c 0x`,
  );
  expect(status).toBe(0);
  expect(said).toBe(`${name}\n1\n`);
  expect(readdirSync("/dev/shm")).not.toContain(name);
});

test("the command cannot set the clock, which is the machine's", async () => {
  const { said } = await run('date -s "$(date)" >/dev/null 2>&1; echo $?');
  expect(said).toBe("1\n");
});

test.each([
  ["killed", (one: ChildProcess) => one.kill("SIGKILL")],
  ["interrupted, as by Ctrl-C", ({ pid }: ChildProcess) => process.kill(-(pid as number), "SIGINT")],
])("the command's processes end with the program that is %s, daemons too", async (how, end) => {
  // No other process has this word in its command line. setsid makes a daemon: no process waits for it, and no terminal
  // sends it signals.
  const word = `60${how.length}.5`;
  const one = start(
    `trap '' INT TERM; setsid sleep ${word} & while ! pgrep -xf 'sleep ${word}' >/dev/null; do :; done; echo up; wait`,
  );
  try {
    await once(one.stdout as NodeJS.ReadableStream, "data");
    expect(having(word)).toHaveLength(1);
    const ended = once(one, "exit");
    end(one);
    await ended;
    expect(
      await poll(
        () => having(word),
        ({ length }) => length === 0,
        { within: 5, every: 0.01 },
      ),
    ).toEqual([]);
  } finally {
    one.stdout?.destroy();
    for (const left of having(word)) process.kill(Number(left), "SIGKILL");
  }
});
