// The first step of `npm start`, `npm test`, `npm run lab` and `npm run pulumi`. This file is plain Node, because
// nothing is installed yet in a fresh clone. It answers `--help` and wrong words, installs the npm packages, compiles what needs no tool chain, and calls
// tools/cli.ts. The commands that need the tool chain wait for it there (tools/toolchain/index.ts). The rest is
// compiled then.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { answer } from "./commands.mjs";
import { compileFirst } from "./compile.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function installPackages() {
  const stamp = join(root, "node_modules", ".lvs-installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(process.version)
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.error("▸ installing npm packages");
  const args = ["ci", "--no-audit", "--no-fund"];
  const done = spawnSync("npm", args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  if (done.status !== 0)
    throw new Error(
      `Installing the npm packages failed: npm ${args.join(" ")}\n${done.error ?? ""}${done.stdout}${done.stderr}`,
    );
  writeFileSync(stamp, wanted);
}

const answered = answer(process.argv.slice(2));
if (answered) {
  (answered.exit === 0 ? console.log : console.error)(answered.text);
  process.exit(answered.exit);
}
try {
  installPackages();
  await compileFirst();
} catch (problem) {
  console.error(problem.message);
  process.exit(1);
}
const { main } = await import("./dist/cli.js");
await main(process.argv.slice(2));
