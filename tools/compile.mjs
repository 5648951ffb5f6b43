// Compiles the checkout. This file is plain Node, because it also compiles the tools themselves.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "node_modules", ".lvs-compiled");

/** Compiles what needs no tool chain: the commands, and the package on real hosts. */
export async function compileFirst() {
  if (!isCurrent()) await compile(["tools", "provider", "sdk"]);
}

/** Compiles the rest, too: what imports @pulumi/libvirt, which the tool chain generates. */
export async function compileAll() {
  if (isCurrent()) return;
  await compile(["."]);
  writeFileSync(stamp, state());
}

// The compiler runs in this process. A `tsc` process for each project would load the compiler anew, which takes a
// quarter of a second every time.
async function compile(projects) {
  const { default: typescript } = await import("typescript");
  const problems = [];
  const host = typescript.createSolutionBuilderHost(typescript.sys, undefined, (problem) => problems.push(problem));
  const folders = projects.map((project) => join(root, project));
  for (const folder of folders)
    if (typescript.createSolutionBuilder(host, [folder], {}).build() !== 0) {
      const format = { getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => "\n" };
      throw new Error(`Compiling failed:\n${typescript.formatDiagnostics(problems, format)}`);
    }
}

// A comparison of our own, because the compiler needs most of a second to see that nothing has changed.
function isCurrent() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === state();
}

/** The files that the compiler reads, and the files that it wrote. */
const FILES = [
  "provider",
  "cli",
  "sdk",
  "tools",
  "examples",
  "sdks/libvirt/.generated-as",
  "tsconfig.json",
  "tsconfig.base.json",
];

function state() {
  const hash = createHash("sha256").update(process.version);
  for (const input of FILES) {
    const isFolder = statSync(join(root, input), { throwIfNoEntry: false })?.isDirectory();
    for (const name of ["", ...(isFolder ? readdirSync(join(root, input), { recursive: true }).sort() : [])]) {
      const found = statSync(join(root, input, name), { throwIfNoEntry: false });
      if (found?.isFile()) hash.update(JSON.stringify([input, name, found.size, found.mtimeMs]));
    }
  }
  return hash.digest("hex");
}
