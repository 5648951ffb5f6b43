import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { poll } from "../../provider/host/poll";

const { releaseStaleLocks } =
  jest.requireActual<typeof import("../../tools/stale-lock.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/stale-lock",
  );

let backend: string;
beforeEach(() => {
  backend = mkdtempSync(join(tmpdir(), "lvs-lock-test-"));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(backend, { recursive: true });
});

const locks = (stack = "nat") => join(backend, ".pulumi", "locks", "organization", "pulumi-lvs", stack);

/** Writes a lock as Pulumi does (pkg/backend/diy/lock.go). */
function lock(name: string, pid: number, host = hostname(), stack = "nat"): string {
  mkdirSync(locks(stack), { recursive: true });
  const file = join(locks(stack), `${name}.json`);
  writeFileSync(file, JSON.stringify({ pid, username: "root", hostname: host, timestamp: "2025-01-01T00:00:00Z" }));
  return file;
}

/** The id of a process that has ended. */
const gone = () => spawnSync("true").pid;

const release = (stack = "nat") => releaseStaleLocks(backend, "pulumi-lvs", stack);

test("a lock whose process is gone is released", async () => {
  const file = lock("one", gone());
  await release();
  expect(existsSync(file)).toBe(false);
});

test("a lock whose process is a zombie is released", async () => {
  // The shell is replaced by sleep, which does not know the child. The child ends only then, because a shell would
  // collect the child's exit status.
  const script = "(until grep -q sleep /proc/$$/comm; do sleep 0.01; done) & echo $!; exec sleep 60";
  const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const child = Number(String((await once(parent.stdout, "data"))[0]));
    const ended = () => / Z /.test(readFileSync(`/proc/${child}/stat`, "utf8"));
    expect(await poll(ended, Boolean, { within: 60, every: 0.01 })).toBe(true);
    const file = lock("one", child);
    await release();
    expect(existsSync(file)).toBe(false);
  } finally {
    parent.kill();
  }
});

test("a lock whose process runs is kept", async () => {
  lock("one", process.pid);
  await release();
  expect(readdirSync(locks())).toEqual(["one.json"]);
});

test("a lock whose process belongs to another user is kept", async () => {
  lock("one", 4711);
  jest.spyOn(process, "kill").mockImplementation(() => {
    throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
  });
  await release();
  expect(readdirSync(locks())).toEqual(["one.json"]);
});

test("a lock from another machine is kept, because its process cannot be seen from here", async () => {
  lock("one", gone(), `${hostname()}.elsewhere`);
  await release();
  expect(readdirSync(locks())).toEqual(["one.json"]);
});

test("of several locks only the stale ones go, and no signal reaches a process", async () => {
  const kill = jest.spyOn(process, "kill");
  lock("stale", gone());
  lock("running", process.pid);
  lock("elsewhere", gone(), "elsewhere");
  await release();
  expect(readdirSync(locks()).sort()).toEqual(["elsewhere.json", "running.json"]);
  expect(kill.mock.calls.map(([, signal]) => signal)).toEqual([0, 0]);
});

test.each(["", '{"pid": 1', "null", "[]", "{}", `{"hostname": ${JSON.stringify(hostname())}}`])(
  "a lock that reads %j is still being written: it is kept, and does not keep a stale one",
  async (text) => {
    writeFileSync(lock("half", 0), text);
    const stale = lock("stale", gone());
    await release();
    expect(existsSync(stale)).toBe(false);
    expect(readdirSync(locks())).toEqual(["half.json"]);
  },
);

test("a lock that vanished after it was listed is no error", async () => {
  mkdirSync(locks(), { recursive: true });
  symlinkSync("released.json", join(locks(), "a.json"));
  const stale = lock("stale", gone());
  await release();
  expect(existsSync(stale)).toBe(false);
});

test("another stack's lock is kept, whatever its state", async () => {
  lock("one", gone(), hostname(), "dr");
  await release("nat");
  expect(readdirSync(locks("dr"))).toEqual(["one.json"]);
});

test("a stack without locks is no error, and a backend that is missing is none", async () => {
  await expect(release()).resolves.toBeUndefined();
  rmSync(backend, { recursive: true });
  await expect(release()).resolves.toBeUndefined();
  mkdirSync(backend);
});
