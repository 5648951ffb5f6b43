import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outputFile, replace } from "../../cli/graph/output";

// Where a picture is written to.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lvs-output-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a file is replaced as a whole, and keeps its mode", () => {
  const file = join(folder, "site.html");
  replace(outputFile(file), "one");
  chmodSync(file, 0o640);
  const { ino } = statSync(file);
  replace(outputFile(file), "two");
  expect(readFileSync(file, "utf8")).toBe("two");
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(statSync(file).ino).not.toBe(ino);
  expect(readdirSync(folder)).toEqual(["site.html"]);
});

test("what a link names is written, and the link stays", () => {
  writeFileSync(join(folder, "own.svg"), "");
  symlinkSync("own.svg", join(folder, "link.svg"));
  symlinkSync("later.svg", join(folder, "ahead.svg"));
  for (const link of ["link.svg", "ahead.svg"]) replace(outputFile(join(folder, link)), link);
  expect(readFileSync(join(folder, "own.svg"), "utf8")).toBe("link.svg");
  expect(readFileSync(join(folder, "later.svg"), "utf8")).toBe("ahead.svg");
  expect(readdirSync(folder).sort()).toEqual(["ahead.svg", "later.svg", "link.svg", "own.svg"]);
});

test("what is no file is written to, and stays what it is", () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const reader = `timeout 20 cat '${pipe}' >'${folder}/read' & echo $!`;
  execFileSync("sh", ["-c", `${reader} >/dev/null`], { stdio: "ignore" });
  replace(outputFile(pipe), "a picture");
  expect(statSync(pipe).isFIFO()).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(["pipe", "read"]);
});

test.each([
  ["", "--output is empty: name a file, or leave the option out"],
  ["/", "--output / is a folder: name a file in it"],
  ["/nonexistent/site.svg", "there is no folder /nonexistent: make it, or name another one"],
  ["/proc/version/site.svg", "there is no folder /proc/version: make it, or name another one"],
])("%j is refused before any host is asked", (given, reason) => {
  expect(() => outputFile(given)).toThrow(reason);
});

test("a folder in which nobody may write is named", () => {
  expect(() => replace(outputFile("/proc/site.svg"), "")).toThrow(
    /^--output \/proc\/site\.svg cannot be written: .*Name a file where you may write$/,
  );
});
