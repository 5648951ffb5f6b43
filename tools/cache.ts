import { existsSync } from "node:fs";
import { chmod, rename } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, placeOf, use } from "#cache-place";
import { inNewFolder, makeEnterable, removeOld } from "./folders.js";

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export { cacheFolder };

/**
 * The entries that every command which needs them asks for. Of these, one that nobody used for so long, in milliseconds, goes when
 * another one of its name is made. All others stay: a lab's disks are overlays of an image, its machines start by an emulator, and a
 * lab that is up asks for neither again.
 */
const ASKED_FOR = ["npm-packages", "kernel", "kernel-hosts"];
const KEPT = 30 * 24 * 60 * 60_000;

/**
 * Returns the cached folder `<name>-<hash of key>`. Where the folder is missing, `build` makes it. `build` fills a
 * temporary folder, which is renamed when it is complete. An interrupted build therefore leaves nothing half-done
 * behind.
 *
 * @param key everything the result depends on (versions, scripts, flags)
 */
export async function cached(name: string, key: unknown, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = placeOf(name, key);
  if (use(folder)) return folder;
  await makeEnterable(cacheFolder);
  try {
    await inNewFolder(`${folder}.`, async (making) => {
      await build(making);
      // A new folder has the mode 0700, and qemu's own user must be able to read this one.
      await chmod(making, 0o755);
      await rename(making, folder);
    });
  } catch (cause) {
    // Another command, started at the same time, may have been quicker.
    if (!existsSync(folder)) throw cause;
  }
  if (ASKED_FOR.includes(name)) await removeUnused(name);
  return folder;
}

function removeUnused(name: string): Promise<void> {
  const entry = new RegExp(`^${name}-[0-9a-f]{16}$`);
  return removeOld(cacheFolder, KEPT, (path) => entry.test(basename(path)));
}
