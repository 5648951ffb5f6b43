import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandsOf } from "../guide";

// What a shell asks when somebody presses Tab.

const bin = require.resolve("../../sdk/dist/bin.js");

function said(...words: string[]): { exit: number | null; lines: string[] } {
  const ran = spawnSync(process.execPath, [bin, ...words], { encoding: "utf8" });
  return { exit: ran.status, lines: ran.stdout.split("\n") };
}

test.each([
  [["dr"], ["drain"]],
  [["graph", "--fo"], ["--format"]],
  [
    ["watch", "--sort", ""],
    ["name", "connections", "rate", "weight"],
  ],
  [
    ["graph", "--format", ""],
    ["mermaid", "svg", "html"],
  ],
])("%j is completed to %j", (words, completed) => {
  const { exit, lines } = said("complete", "--", ...words);
  expect(exit).toBe(0);
  // A line has a word and what it means. The last line is for the script.
  expect(lines.filter((line) => line !== "" && !line.startsWith(":")).map((line) => line.split("\t")[0])).toEqual(
    completed,
  );
});

test.each(["bash", "zsh", "fish"])("%s gets a script that asks the command", (shell) => {
  const { exit, lines } = said("completion", shell);
  expect(exit).toBe(0);
  expect(lines.join("\n")).toMatch(/pulumi-lvs"? complete --/);
});

test("the guide's line for bash leaves bash with a completion of the command", () => {
  const [line = ""] = commandsOf("docs/operating.md", "## Completion");
  const folder = mkdtempSync(join(tmpdir(), "lvs-completion-"));
  try {
    writeFileSync(join(folder, "pulumi-lvs"), `#!/bin/sh\nexec ${process.execPath} ${bin} "$@"\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const ran = spawnSync("bash", ["--norc", "-ec", `${line}\ncomplete -p pulumi-lvs`], { env, encoding: "utf8" });
    expect(ran).toMatchObject({ status: 0, stdout: expect.stringMatching(/^complete .*-F \w+ pulumi-lvs\n$/) });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("another shell is refused", () => {
  expect(said("completion", "csh")).toMatchObject({ exit: 2 });
});
