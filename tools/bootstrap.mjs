// What `npm start`, `npm test`, `npm run lab` and `npm run pulumi` run first. Plain Node without dependencies, because
// in a fresh clone nothing is installed yet: it installs the npm packages, compiles, and hands over to tools/cli.ts.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function run(what, command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  if (done.status === 0) return;
  console.error(`${what} failed: ${command} ${args.join(" ")}\n${done.error ?? ""}${done.stdout}${done.stderr}`);
  process.exit(1);
}

function installPackages() {
  const stamp = join(root, "node_modules", ".lvs-installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(process.version)
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.error("▸ installing npm packages");
  run("Installing the npm packages", "npm", ["ci", "--no-audit", "--no-fund"]);
  writeFileSync(stamp, wanted);
}

function compile() {
  run("Compiling", process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-b"]);
}

installPackages();
compile();
const { main } = await import("./dist/cli.js");
await main(process.argv.slice(2));
