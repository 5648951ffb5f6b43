import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheFolder } from "../cache.js";
import { type Contents, misfits } from "./contents.js";
import type { Place } from "./place.js";
import type { Guest } from "./topology.js";

/** A lab as it was at one moment. */
export interface Save {
  readonly stack: string;
  /** When, as ISO 8601 has it. */
  readonly saved: string;
  readonly contents: Contents;
  /** Where the lab was. */
  readonly place: Pick<Place, "system" | "folder">;
  readonly guests: readonly Guest[];
  readonly clients: number;
  readonly machines: readonly string[];
  readonly pools: readonly string[];
  /** The volumes that are the guest image itself, which is not saved again. */
  readonly images: readonly string[];
}

/** Saves lie beside what else is slow to make. Root alone may read them: guests' memory and disks, private keys, secrets. */
const savesFolder = join(cacheFolder, "saves");

/** What is older than this was left by a save that was killed. */
const ABANDONED = 60 * 60_000;

function saveLink(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(name))
    throw new Error(`lab: save "${name}": use at most 40 letters, digits, - and _`);
  return join(savesFolder, name);
}

/** Makes a save of that name, or puts it in the place of the former one. Nothing shows of it before it is complete. */
export async function makeSave(name: string, make: (folder: string) => Promise<Save>): Promise<void> {
  const link = saveLink(name);
  await mkdir(savesFolder, { recursive: true, mode: 0o700 });
  await removeAbandoned(name);
  const making = await mkdtemp(join(savesFolder, `.${name}.`));
  try {
    const save = await make(making);
    await writeFile(join(making, "save.json"), `${JSON.stringify(save, null, 2)}\n`);
    const former = await realpath(link).catch(() => undefined);
    // A link is replaced in one step, a folder is not.
    await symlink(basename(making), join(making, "link"));
    await rename(join(making, "link"), link);
    if (former) await rm(former, { recursive: true, force: true });
  } catch (cause) {
    await rm(making, { recursive: true, force: true });
    throw cause;
  }
}

async function removeAbandoned(name: string): Promise<void> {
  const current = await realpath(saveLink(name)).catch(() => "");
  for (const entry of await readdir(savesFolder)) {
    const folder = join(savesFolder, entry);
    if (!entry.startsWith(`.${name}.`) || folder === current) continue;
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > ABANDONED) await rm(folder, { recursive: true, force: true });
  }
}

/** The folder of a save and what it says; refused where it is another stack's, or does not fit here. */
export async function fittingSave(
  stack: string,
  name: string,
  here: Contents,
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
  const reasons = misfits(save.contents, here);
  if (reasons.length > 0)
    throw new Error(`lab ${stack}: save "${name}" of ${save.saved} does not fit any more: ${reasons.join("; ")}`);
  return { folder, save };
}

export async function listSaves(): Promise<{ name: string; save: Save }[]> {
  const names = (await readdir(savesFolder).catch(() => [])).filter((name) => !name.startsWith("."));
  return Promise.all(names.sort().map(async (name) => ({ name, save: await readSave(join(savesFolder, name)) })));
}

async function readSave(folder: string): Promise<Save> {
  return JSON.parse(await readFile(join(folder, "save.json"), "utf8"));
}
