import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poll } from "../../provider/host/poll";

const ownFolder = join(__dirname, "../../tools/dist/test/own-folder.js");

const folder = mkdtempSync(join(tmpdir(), "lvs-own-folder-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script as `npm test` runs the units. The script's temporary folder lies in `folder`. */
function start(script: string, elsewhere: readonly string[] = []) {
  const program = `import { withOwnFolder } from ${JSON.stringify(ownFolder)};
    import { spawn } from "node:child_process";
    import { once } from "node:events";
    await withOwnFolder(({ detached, env }) => {
      const sh = spawn("sh", ["-c", ${JSON.stringify(script)}], { detached, env: { ...process.env, ...env }, stdio: "inherit" });
      return Object.assign(once(sh, "exit"), { pid: sh.pid });
    }, ${JSON.stringify(elsewhere)});`;
  return spawn(process.execPath, ["--input-type=module", "-e", program], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** A process that was killed goes when its parent hears of it. */
const isGone = (pid: number) => poll(() => !existsSync(`/proc/${pid}`), Boolean, { within: 5, every: 0.01 });

test("the temporary folder goes at the end, with what is left in it", async () => {
  const one = start('mkdir "$TMPDIR/left" && stat -c %a "$TMPDIR"');
  const [said] = await once(one.stdout, "data");
  expect(String(said)).toBe("1777\n");
  expect(await once(one, "exit")).toEqual([0, null]);
  expect(readdirSync(folder)).toEqual([]);
});

test("what the command left running goes with the folder", async () => {
  const one = start(`(trap '' HUP; for i in $(seq 20000); do mkdir -p "$TMPDIR/again"; done) & echo $!`);
  const pid = Number((await once(one.stdout, "data"))[0]);
  expect(await once(one, "exit")).toEqual([0, null]);
  expect(await isGone(pid)).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("by %s the folder and all processes go, those too that heed no signal", async (signal, status) => {
  const one = start(`trap '' INT TERM HUP; (for i in $(seq 20000); do mkdir -p "$TMPDIR/again"; done) & echo $!; wait`);
  const pid = Number((await once(one.stdout, "data"))[0]);
  one.kill(signal);
  expect(await once(one, "exit")).toEqual([status, null]);
  expect(await isGone(pid)).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test.each(["SIGINT", undefined] as const)("what the command makes elsewhere goes, too (%s)", async (signal) => {
  const elsewhere = mkdtempSync(join(tmpdir(), "lvs-elsewhere-"));
  const [made, other] = [join(elsewhere, "made.yaml"), join(elsewhere, "other.yaml")];
  writeFileSync(made, "of a run before");
  writeFileSync(other, "");
  const one = start(`ls '${elsewhere}'; echo >'${made}'; echo made; ${signal ? "sleep 60" : ":"}`, [made]);
  let said = "";
  one.stdout.on("data", (some) => {
    said += some;
    if (signal && said.includes("made\n")) one.kill(signal);
  });
  expect(await once(one, "exit")).toEqual([signal ? 130 : 0, null]);
  expect(said).toBe("other.yaml\nmade\n");
  expect(readdirSync(elsewhere)).toEqual(["other.yaml"]);
  rmSync(elsewhere, { recursive: true });
});
