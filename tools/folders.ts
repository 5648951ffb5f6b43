import { chmod, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { removeAfterKill, whenLeaving } from "./leaving.js";

/** A folder of this age, in milliseconds, that nobody finished was left by a process that was killed. */
const ABANDONED = 60 * 60_000;

/**
 * Makes a folder with a new name, and fills it. Where `fill` fails, or a signal ends this process meanwhile, the folder is
 * removed. What killed processes left of such folders goes first.
 *
 * @param start the beginning of the folder's path
 * @param finished a finished folder whose path begins in the same way: it stays
 */
export async function inNewFolder<T>(
  start: string,
  fill: (folder: string) => Promise<T>,
  finished?: string,
): Promise<T> {
  await removeAbandoned(start, finished);
  const folder = await mkdtemp(start);
  const stay = whenLeaving(() => removeAfterKill(folder));
  try {
    return await fill(folder);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw cause;
  } finally {
    stay();
  }
}

/** Makes a folder, and those above it, where there are none. Every user may enter what is made, whatever the umask is. */
export async function makeEnterable(folder: string): Promise<void> {
  const highest = await mkdir(folder, { recursive: true });
  if (highest === undefined) return;
  for (let made = folder; made.startsWith(highest); made = dirname(made)) await chmod(made, 0o755);
}

function removeAbandoned(start: string, finished?: string): Promise<void> {
  return removeOld(dirname(start), ABANDONED, (folder) => folder.startsWith(start) && folder !== finished);
}

/**
 * Removes what is in a folder, was not changed for so long, and is meant.
 *
 * @param age in milliseconds
 */
export async function removeOld(above: string, age: number, isMeant: (path: string) => boolean): Promise<void> {
  for (const path of (await readdir(above)).map((name) => join(above, name)).filter(isMeant)) {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    // Somebody else's, in a folder that all share, stays.
    if (Date.now() - mtimeMs > age) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}
