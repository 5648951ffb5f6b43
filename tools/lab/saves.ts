import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheFolder } from "../cache.js";
import { inNewFolder } from "../folders.js";
import { type Contents, misfits } from "./contents.js";
import type { Debian } from "./image.js";
import type { Place } from "./place.js";
import type { Guest } from "./topology.js";

/** A lab as it was at one moment. */
export interface Save {
  readonly stack: string;
  readonly debian: Debian;
  /** The time, in ISO 8601. */
  readonly saved: string;
  readonly contents: Contents;
  /** The folders of the lab that was saved. */
  readonly place: Pick<Place, "system" | "folder">;
  readonly guests: readonly Guest[];
  readonly clients: number;
  readonly machines: readonly string[];
  readonly pools: readonly string[];
  /** The volumes that are the guest image itself. The image is not saved again. */
  readonly images: readonly string[];
}

/**
 * Saves lie in the cache. Root alone may read them, because they have guests' memory and disks, private keys and
 * secrets.
 */
const savesFolder = join(cacheFolder, "saves");

function saveLink(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(name))
    throw new Error(`lab: save "${name}": use at most 40 letters, digits, - and _`);
  return join(savesFolder, name);
}

/** Makes a save of this name, in the place of a former one. Nothing of the save shows before it is complete. */
export async function makeSave(name: string, make: (folder: string) => Promise<Save>): Promise<void> {
  const link = saveLink(name);
  await mkdir(savesFolder, { recursive: true, mode: 0o700 });
  const current = () => realpath(link).catch(() => undefined);
  const fill = async (making: string) => {
    const save = await make(making);
    await writeFile(join(making, "save.json"), `${JSON.stringify(save, null, 2)}\n`);
    // Another save of this name may have been made meanwhile.
    const former = await current();
    // A link can be replaced in one step. A folder cannot.
    await symlink(basename(making), join(making, "link"));
    await rename(join(making, "link"), link);
    if (former) await rm(former, { recursive: true, force: true });
  };
  await inNewFolder(join(savesFolder, `.${name}.`), fill, await current());
}

/**
 * Returns the folder of a save, and the save. Throws where the save belongs to another stack, or does not fit here.
 *
 * @param here what a lab with guests of this release has here
 */
export async function fittingSave(
  stack: string,
  name: string,
  here: (debian: Debian) => Promise<Contents>,
): Promise<{ folder: string; save: Save }> {
  const link = saveLink(name);
  if (!existsSync(link)) {
    const names = (await listSaves()).map((save) => save.name);
    throw new Error(`lab ${stack}: there is no save "${name}"; there are: ${names.join(", ") || "none"}`);
  }
  const folder = await realpath(link);
  const save = await readSave(folder);
  if (save.stack !== stack)
    throw new Error(
      `lab ${stack}: save "${name}" is one of stack ${save.stack}, and guests are named after their stack: ` +
        `npm run lab -- restore ${save.stack} ${name}`,
    );
  const reasons = misfits(save.contents, await here(save.debian));
  if (reasons.length > 0)
    throw new Error(`lab ${stack}: save "${name}" of ${save.saved} does not fit any more: ${reasons.join("; ")}`);
  return { folder, save };
}

export async function listSaves(): Promise<{ name: string; save: Save }[]> {
  const names = (await readdir(savesFolder).catch(() => [])).filter((name) => !name.startsWith("."));
  return Promise.all(names.sort().map(async (name) => ({ name, save: await readSave(join(savesFolder, name)) })));
}

async function readSave(folder: string): Promise<Save> {
  return { debian: 12, ...JSON.parse(await readFile(join(folder, "save.json"), "utf8")) };
}
