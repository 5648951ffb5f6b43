import { copyFile, cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { phase } from "../progress.js";
import { setClocks } from "./clock.js";
import { contents } from "./contents.js";
import { readDescription } from "./description.js";
import { domainName, guestStates, withRealAddresses } from "./guests.js";
import { ensureIngredients } from "./ingredients.js";
import { virsh } from "./libvirtd.js";
import { type Place, place } from "./place.js";
import { makeSave, type Save } from "./saves.js";

/**
 * Saves a lab as it is: memory and disks of its guests, the keys, and what `more` adds. The guests stand still
 * meanwhile.
 *
 * @param more puts what else belongs to the stack into the save's folder
 */
export async function labSave(stack: string, name: string, more: (folder: string) => Promise<void>): Promise<void> {
  const lab = place(stack);
  const { debian, guests, clients } = await readDescription(lab);
  const states = await guestStates(lab);
  const off = states.filter(({ state }) => state !== "running");
  if (states.length === 0) throw new Error(`lab ${stack}: it has no guests that could be saved`);
  if (off.length > 0)
    throw new Error(
      `lab ${stack}: all guests must be running, and ${off.map((guest) => `${guest.name} is ${guest.state}`).join(", ")}`,
    );
  const ingredients = await ensureIngredients(debian);
  const machines = states.map((guest) => guest.name);
  await makeSave(name, async (folder) => {
    await more(folder);
    await cp(join(lab.folder, "keys"), join(folder, "keys"), { recursive: true });
    const pools = await savePools(lab, folder);
    const images = await imagesIn(lab, ingredients.image.disk);
    await phase(`saving ${machines.join(", ")}`, () => saveGuests(lab, machines, images, folder));
    return {
      ...{ stack, debian, saved: new Date().toISOString(), contents: await contents(ingredients) },
      ...{ place: { system: lab.system, folder: lab.folder }, machines, pools, images },
      ...{ guests: await withRealAddresses(lab, guests), clients: clients.length },
    } satisfies Save;
  });
  await setClocks(lab, machines);
}

async function savePools(lab: Place, folder: string): Promise<string[]> {
  const { stdout } = await virsh(lab, ["--quiet", "pool-list", "--name"]);
  const pools = String(stdout)
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  for (const pool of pools) await writeFile(join(folder, `${pool}.pool.xml`), await printed(lab, "pool-dumpxml", pool));
  return pools;
}

/** The volumes that are the image byte for byte. All disks are overlays of it. */
async function imagesIn(lab: Place, image: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(lab.pool)) {
    const { exitCode } = await execa("cmp", ["--silent", image, join(lab.pool, name)], { reject: false });
    if (exitCode === 0) found.push(name);
  }
  return found;
}

/**
 * Saves the guests. All of them stop at the same moment, so that their connections to one another are in the same
 * state. libvirt itself keeps their memory, and gives it back when the guests are started. An interrupted save leaves
 * guests that `lab up` starts again.
 */
async function saveGuests(lab: Place, machines: readonly string[], images: readonly string[], folder: string) {
  const domains = machines.map((machine) => domainName(lab, machine));
  try {
    for (const domain of domains) await virsh(lab, ["suspend", domain]);
    for (const domain of domains)
      await writeFile(
        join(folder, `${domain}.xml`),
        await printed(lab, "dumpxml", domain, "--inactive", "--security-info"),
      );
    await Promise.all(domains.map((domain) => virsh(lab, ["managedsave", domain, "--running"])));
    const kept = join(lab.system, "lib", "qemu", "save");
    for (const domain of domains) await copyFile(join(kept, `${domain}.save`), join(folder, `${domain}.memory`));
    await mkdir(join(folder, "volumes"));
    for (const volume of await readdir(lab.pool))
      if (!images.includes(volume)) await copyFile(join(lab.pool, volume), join(folder, "volumes", volume));
  } finally {
    await Promise.all(domains.map((domain) => goOn(lab, domain)));
  }
}

async function goOn(lab: Place, domain: string): Promise<void> {
  const state = (await printed(lab, "domstate", domain)).trim();
  if (state === "shut off") await virsh(lab, ["start", domain]);
  if (state === "paused") await virsh(lab, ["resume", domain]);
}

async function printed(lab: Place, ...args: string[]): Promise<string> {
  return String((await virsh(lab, args)).stdout);
}
