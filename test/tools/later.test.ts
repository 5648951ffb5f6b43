import { execFileSync } from "node:child_process";
import { join } from "node:path";

// Pulumi's Node processes with tools/toolchain/later.cjs, which they load first.

const root = join(__dirname, "../..");

const SCRIPT = `
  const pulumi = require("@pulumi/pulumi");
  const loaded = () => ["typescript", "arborist"].filter((name) =>
    Object.keys(require.cache).some((file) => file.includes("/node_modules/" + name + "/") || file.includes("/@npmcli/" + name + "/")));
  require("pulumi-lvs");
  const before = loaded();
  const word = "captured";
  (async () => {
    const { text } = await pulumi.runtime.serializeFunction(() => word);
    const paths = await pulumi.runtime.computeCodePaths();
    console.log(JSON.stringify({ before, after: loaded(), isWritten: text.includes(word), paths: paths.size > 0 }));
  })();`;

test("TypeScript and arborist are loaded once a function is to be written into a state, and not before", () => {
  const args = ["--require", join(root, "tools/toolchain/later.cjs"), "-e", SCRIPT];
  const said = execFileSync(process.execPath, args, { cwd: join(root, "sdk"), encoding: "utf8" });
  expect(JSON.parse(said)).toEqual({ before: [], after: ["typescript", "arborist"], isWritten: true, paths: true });
});
