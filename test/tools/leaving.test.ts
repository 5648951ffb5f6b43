import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const leaving = join(__dirname, "../../tools/dist/leaving.js");

const folder = mkdtempSync(join(tmpdir(), "lvs-leaving-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a process that removes a file when it ends, and that then does this. */
function leave(then: string): { status: number | null; cleared: boolean } {
  const file = join(folder, "made");
  writeFileSync(file, "");
  const program = `import { whenLeaving } from ${JSON.stringify(leaving)};
    import { rmSync } from "node:fs";
    const stay = whenLeaving(() => rmSync(${JSON.stringify(file)}));
    setTimeout(() => process.exit(99), 20_000).unref();
    ${then}`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  expect(stderr).toBe("");
  return { status, cleared: !existsSync(file) };
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])("%s: what is half made is cleared away, and the status tells the signal", (signal, status) => {
  const forever = `setInterval(() => {}, 1000); process.kill(process.pid, "${signal}");`;
  expect(leave(forever)).toEqual({ status, cleared: true });
});

test("the end of the program clears it away, too", () => {
  expect(leave("process.exitCode = 3;")).toEqual({ status: 3, cleared: true });
});

test("what is complete stays", () => {
  expect(leave("stay();")).toEqual({ status: 0, cleared: false });
});

test("what was told last is cleared first: a program ends before what it makes is removed", () => {
  const file = join(folder, "order");
  const add = (word: string) => `whenLeaving(() => appendFileSync(${JSON.stringify(file)}, "${word} "));`;
  leave(`import { appendFileSync } from "node:fs"; ${add("removed")} ${add("ended")} process.exit(3);`);
  expect(readFileSync(file, "utf8")).toBe("ended removed ");
});
