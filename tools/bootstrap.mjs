// What `npm start`, `npm test`, `npm run lab` and `npm run pulumi` run first. Plain Node, because in a fresh clone
// nothing is installed yet: it installs the npm packages, compiles, and hands over to tools/cli.ts.
// The tools are compiled first: they make the tool chain, which generates @pulumi/libvirt, which the rest imports.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
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

// In this process: a `tsc` of its own for each project would load the compiler anew, a quarter of a second every time.
function compile(typescript, project) {
  const problems = [];
  const host = typescript.createSolutionBuilderHost(typescript.sys, undefined, (problem) => problems.push(problem));
  if (typescript.createSolutionBuilder(host, [project], {}).build() === 0) return;
  const format = { getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => "\n" };
  console.error(`Compiling failed:\n${typescript.formatDiagnostics(problems, format)}`);
  process.exit(1);
}

// What the compiler reads and what it wrote. It takes most of a second itself to see that nothing has changed.
function compiled() {
  const state = createHash("sha256").update(process.version);
  for (const project of ["provider", "sdk", "tools", "examples", "tsconfig.json", "tsconfig.base.json"]) {
    const folder = statSync(join(root, project)).isDirectory()
      ? readdirSync(join(root, project), { recursive: true })
      : [];
    for (const name of ["", ...folder.sort()]) {
      const found = statSync(join(root, project, name), { throwIfNoEntry: false });
      if (found?.isFile()) state.update(JSON.stringify([project, name, found.size, found.mtimeMs]));
    }
  }
  return state.digest("hex");
}

async function compileAll() {
  const stamp = join(root, "node_modules", ".lvs-compiled");
  const generated = existsSync(join(root, "sdks", "libvirt", "package.json"));
  if (generated && existsSync(stamp) && readFileSync(stamp, "utf8") === compiled()) return;
  const { default: typescript } = await import("typescript");
  compile(typescript, join(root, "tools"));
  const { ensureToolchain } = await import("./dist/toolchain/index.js");
  await ensureToolchain().catch((problem) => {
    console.error(problem.message);
    process.exit(1);
  });
  compile(typescript, root);
  writeFileSync(stamp, compiled());
}

installPackages();
await compileAll();
const { main } = await import("./dist/cli.js");
await main(process.argv.slice(2));
