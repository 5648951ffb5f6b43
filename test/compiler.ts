import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const modules = join(__dirname, "..", "node_modules");

const OPTIONS = [
  ...["--noEmit", "--strict", "--skipLibCheck", "--esModuleInterop", "--types", "node", "--pretty", "false"],
  ...["--target", "es2022", "--module", "node16", "--moduleResolution", "node16"],
];

/** What is wrong in a file, as the compiler says it: `2.ts(5,3): error TS2322: Type …`. What explains it follows in deeper lines. */
const FAULT = /^([^\s(]+)\(\d+,\d+\): error TS\d+: (.*(?:\n .*)*)/gm;

/**
 * What the compiler finds in the files of a project that has this checkout's packages.
 *
 * @param texts the text of each file, by its name
 * @returns what is wrong, for each file in which something is
 */
export function faultsInTypes(texts: Readonly<Record<string, string>>): Record<string, string[]> {
  const folder = mkdtempSync(join(tmpdir(), "lvs-types-"));
  try {
    symlinkSync(modules, join(folder, "node_modules"));
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
    const compiler = join(modules, ".bin", "tsc");
    const { status, stdout, stderr } = spawnSync(compiler, [...OPTIONS, ...Object.keys(texts)], {
      ...{ cwd: folder, encoding: "utf8" },
    });
    const faults: Record<string, string[]> = {};
    for (const [, name = "", said = ""] of stdout.matchAll(FAULT)) {
      faults[name] ??= [];
      faults[name].push(said);
    }
    const areAllFound =
      stdout.replace(FAULT, "").trim() === "" && (status === 0) === (Object.keys(faults).length === 0);
    if (!areAllFound) throw new Error(`the compiler ended with ${status}: ${stdout}${stderr}`);
    return faults;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
