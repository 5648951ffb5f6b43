import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { inNewFolder, makeEnterable } from "./folders.js";

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The folder of everything that is slow to make, outside the checkout. Entries are keyed by content. The variable
 * `PULUMI_LVS_CACHE` names another folder. Root's cache is under /var/cache: qemu's own user must be able to read
 * images, and a home directory has mode 0700.
 */
export const cacheFolder =
  (process.env.PULUMI_LVS_CACHE && resolve(process.env.PULUMI_LVS_CACHE)) ||
  (process.getuid?.() === 0 ? "/var/cache/pulumi-lvs" : join(homedir(), ".cache", "pulumi-lvs"));

/**
 * Returns the cached folder `<name>-<hash of key>`. Where the folder is missing, `build` makes it. `build` fills a
 * temporary folder, which is renamed when it is complete. An interrupted build therefore leaves nothing half-done
 * behind.
 *
 * @param key everything the result depends on (versions, scripts, flags)
 */
export async function cached(name: string, key: unknown, build: (folder: string) => Promise<void>): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 16);
  const folder = join(cacheFolder, `${name}-${hash}`);
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
