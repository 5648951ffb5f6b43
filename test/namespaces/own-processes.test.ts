import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poll } from "../../provider/host/poll";
import { having } from "./having";

const tools = join(__dirname, "../../tools/dist");

const cache = mkdtempSync(join(tmpdir(), "lvs-cache-"));
afterAll(() => rmSync(cache, { recursive: true }));

/** Starts a program that makes a folder of the cache by a script, as the tests' kernel and the lab's image are made. */
function make(script: string): ChildProcess {
  const program = `import { cached } from ${JSON.stringify(join(tools, "cache.js"))};
    import { inOwnProcesses } from ${JSON.stringify(join(tools, "own-processes.js"))};
    await cached("made", "", (cwd) => inOwnProcesses("sh", ["-c", ${JSON.stringify(script)}], { cwd, stdio: "inherit" }));`;
  const env = { ...process.env, PULUMI_LVS_CACHE: cache };
  const stdio = ["ignore", "pipe", "inherit"] as const;
  return spawn(process.execPath, ["--input-type=module", "-e", program], { detached: true, env, stdio: [...stdio] });
}

test("a folder of the cache is made with what a program mounted there meanwhile", async () => {
  const one = make("mkdir in && mount -t tmpfs tmpfs in && echo made > out");
  expect(await once(one, "exit")).toEqual([0, null]);
  const [folder] = readdirSync(cache) as [string];
  expect(readdirSync(join(cache, folder)).sort()).toEqual(["in", "out"]);
  expect(readFileSync("/proc/mounts", "utf8")).not.toContain(cache);
  rmSync(join(cache, folder), { recursive: true });
});

test.each([
  ["Ctrl-C", ({ pid }: ChildProcess) => process.kill(-(pid as number), "SIGINT")],
  ["the end of this process alone", ({ pid }: ChildProcess) => process.kill(pid as number, "SIGTERM")],
])("after %s nothing is left of a folder that is half made, nor of the programs that write to it", async (how, end) => {
  // No other process has this word in its command line.
  const word = `half-made-${how.length}`;
  // The first process heeds no signal, and daemons write on.
  const daemon = `setsid sh -c 'echo up; n=0; while [ $n -lt 100000 ]; do n=$((n + 1)); echo > $n; done' ${word} 2>/dev/null`;
  const one = make(`trap '' INT TERM; mkdir in && mount -t tmpfs tmpfs in; ${daemon} & cd in && sleep 60`);
  await once(one.stdout as NodeJS.ReadableStream, "data");
  expect(having(word)).not.toEqual([]);
  const ended = once(one, "exit");
  end(one);
  await ended;
  expect(readdirSync(cache)).toEqual([]);
  const isEnded = (some: readonly string[]) => some.length === 0;
  expect(await poll(async () => having(word), isEnded, { within: 10, every: 0.1 })).toEqual([]);
});
