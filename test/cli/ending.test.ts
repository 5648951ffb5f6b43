import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const bin = require.resolve("../../sdk/dist/bin.js");

// `true` ends without reading anything of the pipe. The command's other stream is what the test reads.
test.each([
  ["an answer", '"$0" "$1" --help | true', 0],
  ["a reason", '"$0" "$1" nosuch 2>&1 1>&3 | true', 2],
])("that nobody reads %s is no failure of the command", (_, script, exit) => {
  const asked = ["--norc", "-c", `exec 3>&1; ${script}; echo "exit \${PIPESTATUS[0]}"`, process.execPath, bin];
  const ran = spawnSync("bash", asked, { encoding: "utf8" });
  expect(ran.stderr).toBe("");
  expect(ran.stdout).toBe(`exit ${exit}\n`);
});

test("the version is that of the package which brings the command", () => {
  const asked = spawnSync(process.execPath, [bin, "--version"], { encoding: "utf8" });
  const { version } = JSON.parse(readFileSync(join(__dirname, "../../sdk/package.json"), "utf8"));
  expect([asked.status, asked.stdout]).toEqual([0, `${version}\n`]);
});

const project = mkdtempSync(join(tmpdir(), "lvs-ending-"));
afterAll(() => rmSync(project, { recursive: true }));
writeFileSync(join(project, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");

/** Runs the command where `pulumi` is this script. */
function ran(script: string, ...words: string[]) {
  writeFileSync(join(project, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${project}:${process.env.PATH}` };
  return spawnSync(process.execPath, [bin, "-C", project, ...words], { encoding: "utf8", env });
}

test.each([
  ["something before the state", 'echo "hunter2 is here"; echo "{}"'],
  ["a half of the state", `printf '{"deployment":{"resources":["hunter2'`],
  ["nothing", ":"],
])("a Pulumi CLI that prints %s: the reason is JSON, and quotes nothing of it", (_, script) => {
  const { status, stdout, stderr } = ran(script, "--json", "status");
  expect(status).toBe(1);
  expect(stdout + stderr).not.toContain("hunter2");
  expect(JSON.parse(stdout)).toEqual({
    error: expect.stringMatching(/^reading the stack's state: what `pulumi stack export` printed is no JSON\. Is the/),
  });
});

test.each([
  ["a wrong command", ["stats", "--json"], /^unknown command 'stats'/],
  ["a wrong option before it", ["status", "--all", "--json"], /^unknown option '--all'/],
  ["a missing word", ["--json", "claims"], /^missing required argument 'host'/],
])("%s is told in JSON as well", (_, words, error) => {
  const { status, stdout, stderr } = ran("exit 1", ...words);
  expect(status).toBe(2);
  expect(JSON.parse(stdout)).toEqual({ error: expect.stringMatching(error) });
  expect(stderr).toMatch(/^error: /);
});

test("help in the place of a command is a reason in JSON, too", () => {
  const { status, stdout, stderr } = ran("exit 1", "--json");
  expect(status).toBe(2);
  expect(JSON.parse(stdout)).toEqual({ error: "no command: say which one" });
  expect(stderr).toMatch(/^Usage: pulumi-lvs/);
});
