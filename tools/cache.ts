import { existsSync } from "node:fs";
import { chmod, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, placeOf } from "#cache-place";
import { inNewFolder, makeEnterable } from "./folders.js";

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export { cacheFolder };

/**
 * Returns the cached folder `<name>-<hash of key>`. Where the folder is missing, `build` makes it. `build` fills a
 * temporary folder, which is renamed when it is complete. An interrupted build therefore leaves nothing half-done
 * behind.
 *
 * @param key everything the result depends on (versions, scripts, flags)
 */
export async function cached(name: string, key: unknown, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = placeOf(name, key);
  if (existsSync(folder)) return folder;
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
  return folder;
}
