// Compiles the checkout. This file is plain Node, because it also compiles the tools themselves.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

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

// `tsc` is TypeScript 7, not the package `typescript`, which is older and has an interface for programs like TypeDoc.
async function compile(projects) {
  seen = undefined;
  const built = promisify(execFile)(join(root, "node_modules/.bin/tsc"), ["--build", ...projects], { cwd: root });
  await built.catch(({ message, stdout }) => {
    throw new Error(`Compiling failed:\n${stdout || message}`);
  });
}

// A comparison of our own: the compiler needs longer to see that nothing has changed, and sees no compiled file that is gone.
function isCurrent() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === state();
}

/** What the compiler reads, and what it wrote beside that. */
const SOURCES = ["provider", "cli", "sdk", "tools", "examples", "tsconfig.json", "tsconfig.base.json"];

/** What the tool chain generates for the compiler to read. */
const GENERATED = "sdks/libvirt/.generated-as";

/** What `filesIn` told before the tool chain was there; undefined where something was compiled since. */
let seen;

/** What a compiled checkout was compiled from, in one word. */
export function state() {
  seen ??= SOURCES.map((path) => filesIn(join(root, path))).join("\n");
  return createHash("sha256")
    .update(`${process.version}\n${seen}\n${filesIn(join(root, GENERATED))}`)
    .digest("hex");
}

/** Each file with its size and time, a line each. Packages that npm installed are told apart by package-lock.json. */
function filesIn(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found ? `${path} ${found.size} ${found.mtimeMs}` : "";
  const names = readdirSync(path).filter((name) => name !== "node_modules");
  return names
    .sort()
    .map((name) => filesIn(`${path}/${name}`))
    .join("\n");
}
