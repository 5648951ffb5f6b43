import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders = join(__dirname, "../../tools/dist/folders.js");

let above: string;
beforeEach(() => (above = mkdtempSync(join(tmpdir(), "lvs-folders-"))));
afterEach(() => rmSync(above, { recursive: true }));

/** Runs a program that has both functions. */
function run(program: string): number | null {
  const all = `import { inNewFolder, makeEnterable } from ${JSON.stringify(folders)};
    import { mkdirSync, renameSync, writeFileSync } from "node:fs";
    const above = ${JSON.stringify(above)};
    ${program}`;
  const { status } = spawnSync(process.execPath, ["--input-type=module", "-e", all], { stdio: "ignore" });
  return status;
}

const filled = (then: string) =>
  `await inNewFolder(above + "/new.", async (folder) => { writeFileSync(folder + "/some", "text"); ${then} });`;

test("a new folder that was filled stays, where it was put", () => {
  expect(run(filled('renameSync(folder, above + "/there");'))).toBe(0);
  expect(readdirSync(above)).toEqual(["there"]);
  expect(readFileSync(join(above, "there/some"), "utf8")).toBe("text");
});

test.each([
  ["fails", 'throw new Error("no");', 1],
  [
    "is interrupted",
    "process.kill(process.pid, 'SIGINT'); await new Promise((done) => setTimeout(done, 20_000));",
    130,
  ],
])("nothing stays of one whose filling %s", (_, then, status) => {
  expect(run(filled(then))).toBe(status);
  expect(readdirSync(above)).toEqual([]);
});

test("everyone may enter what is made, whatever the umask is; what was there stays as it is", () => {
  expect(run(`process.umask(0o077); mkdirSync(above + "/a"); await makeEnterable(above + "/a/b/c");`)).toBe(0);
  const mode = (folder: string) => (statSync(join(above, folder)).mode & 0o777).toString(8);
  expect(["a", "a/b", "a/b/c"].map(mode)).toEqual(["700", "755", "755"]);
  expect(run(`await makeEnterable(above + "/a");`)).toBe(0);
  expect(mode("a")).toBe("700");
});

test("what killed processes left an hour ago goes; what others make now stays, and what is finished", () => {
  const old = Date.now() / 1000 - 3601;
  for (const name of ["new.killed", "new.now", "new.finished", "newer"]) mkdirSync(join(above, name));
  for (const name of ["new.killed", "new.finished", "newer"]) utimesSync(join(above, name), old, old);
  expect(
    run(
      `await inNewFolder(above + "/new.", async (one) => renameSync(one, above + "/there"), above + "/new.finished")`,
    ),
  ).toBe(0);
  expect(readdirSync(above).sort()).toEqual(["new.finished", "new.now", "newer", "there"]);
});
