import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const cacheModule = join(__dirname, "../../tools/dist/cache.js");

const cache = mkdtempSync(join(tmpdir(), "lvs-cache-"));
afterAll(() => rmSync(cache, { recursive: true }));

/** Asks for an entry in a process of its own. Returns the entry's folder. */
function asked(name: string, key: string): string {
  const script = `
    import { cached } from ${JSON.stringify(cacheModule)};
    console.log(await cached(${JSON.stringify(name)}, ${JSON.stringify(key)}, async () => {}));`;
  const env = { ...process.env, PULUMI_LVS_CACHE: cache };
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", script], { env, encoding: "utf8" });
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  return basename(ran.stdout.trim());
}

/** Makes it so that an entry was used so many days ago for the last time. */
function unused(entry: string, days: number): void {
  const then = Date.now() / 1000 - days * 24 * 60 * 60;
  utimesSync(join(cache, entry), then, then);
}

test("what nobody used for a month goes when another entry of its name is made; all else stays", () => {
  const [old, used, young, other] = [
    asked("kernel", "old"),
    asked("kernel", "used"),
    asked("kernel", "young"),
    asked("kernel-hosts", "old"),
  ];
  mkdirSync(join(cache, "kernel-notes"));
  for (const entry of [old, used, other, "kernel-notes"]) unused(entry, 31);
  unused(young, 29);
  expect(asked("kernel", "used")).toBe(used);
  expect(readdirSync(cache)).toHaveLength(5);
  const made = asked("kernel", "new");
  expect(readdirSync(cache).sort()).toEqual([made, used, young, other, "kernel-notes"].sort());
});

test("what labs go on using without asking for it stays, however old it is", () => {
  const stays = ["image", "emulator", "packages"].map((name) => asked(name, "old"));
  for (const entry of stays) unused(entry, 1000);
  for (const name of ["image", "emulator", "packages"]) asked(name, "new");
  expect(readdirSync(cache)).toEqual(expect.arrayContaining(stays));
});
