import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { removeAfterKill, whenLeaving } from "./leaving.js";

/**
 * Makes a folder with a new name, and fills it. Where `fill` fails, or a signal ends this process meanwhile, the folder is
 * removed.
 *
 * @param start the beginning of the folder's path
 */
export async function inNewFolder<T>(start: string, fill: (folder: string) => Promise<T>): Promise<T> {
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
