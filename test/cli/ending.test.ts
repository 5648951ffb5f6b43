import { spawnSync } from "node:child_process";

const bin = require.resolve("../../sdk/dist/bin.js");

// `true` ends without reading anything of the pipe. The command's other stream is what the test reads.
test.each([
  ["an answer", '"$0" "$1" --help | true', 0],
  ["a reason", '"$0" "$1" nosuch 2>&1 1>&3 | true', 2],
])("that nobody reads %s is no failure of the command", (_, script, exit) => {
  const asked = ["-c", `exec 3>&1; ${script}; echo "exit \${PIPESTATUS[0]}"`, process.execPath, bin];
  const ran = spawnSync("bash", asked, { encoding: "utf8" });
  expect(ran.stderr).toBe("");
  expect(ran.stdout).toBe(`exit ${exit}\n`);
});
