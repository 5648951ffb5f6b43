import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { whenLeaving } from "./leaving.js";

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Where everything slow is kept, outside the checkout, keyed by content. `PULUMI_LVS_CACHE` moves it. For root it lies
 * under /var/cache, because qemu's own user must be able to reach images, and a home is 0700.
 */
export const cacheFolder =
  process.env.PULUMI_LVS_CACHE ??
  (process.getuid?.() === 0 ? "/var/cache/pulumi-lvs" : join(homedir(), ".cache", "pulumi-lvs"));

/**
 * The cached folder `<name>-<hash of key>`; made by `build` when it is not there. `build` fills a temporary folder that is
 * renamed into place when it is complete, so an interrupted build leaves nothing half-done behind.
 *
 * @param key everything the result depends on (versions, scripts, flags)
 */
export async function cached(name: string, key: unknown, build: (folder: string) => Promise<void>): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 16);
  const folder = join(cacheFolder, `${name}-${hash}`);
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder, { recursive: true });
  const making = await mkdtemp(`${folder}.`);
  const stay = whenLeaving(() => rmSync(making, { recursive: true, force: true }));
  try {
    await build(making);
    // mkdtemp makes it 0700: qemu's own user must get in.
    await chmod(making, 0o755);
    await rename(making, folder);
  } catch (cause) {
    await rm(making, { recursive: true, force: true });
    if (!existsSync(folder)) throw cause;
  } finally {
    stay();
  }
  return folder;
}
