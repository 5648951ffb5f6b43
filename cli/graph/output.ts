import { chmodSync, lstatSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LvsError } from "pulumi-lvs-provider/operations";

/** The file that the user names, and what is there. Refused before anything is asked, where it cannot be written. */
export function outputFile(given: string): string {
  if (given.trim() === "") throw new LvsError("--output is empty: name a file, or leave the option out");
  const path = resolve(given);
  if (at(path)?.isDirectory()) throw new LvsError(`--output ${given} is a folder: name a file in it`);
  const folder = dirname(path);
  if (!at(folder)?.isDirectory())
    throw new LvsError(`--output ${given}: there is no folder ${folder}: make it, or name another one`);
  return path;
}

/**
 * Writes a picture. A browser that reads meanwhile gets the one or the other, and never a half: a file is replaced as a whole, with
 * the mode that it has. What is no file, as /dev/stdout, is written to.
 */
export function replace(path: string, content: string): void {
  try {
    const there = at(path);
    if (there ? there.isFile() : !isLink(path)) exchange(there ? realpathSync(path) : path, content, there?.mode);
    else writeFileSync(path, content);
  } catch (error) {
    throw new LvsError(
      `--output ${path} cannot be written: ${(error as Error).message}. Name a file where you may write`,
    );
  }
}

function exchange(path: string, content: string, mode: number | undefined): void {
  const fresh = `${path}.new`;
  try {
    writeFileSync(fresh, content);
    if (mode !== undefined) chmodSync(fresh, mode & 0o7777);
    renameSync(fresh, path);
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** What lies there, or where a link there leads; undefined of nothing. */
function at(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
