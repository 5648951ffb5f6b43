import { randomUUID } from "node:crypto";
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { phase } from "../progress.js";
import { waitForGuests } from "./boot.js";
import { setClocks } from "./clock.js";
import { endConnections } from "./connections.js";
import { domainName } from "./guests.js";
import { labUp } from "./index.js";
import { virsh } from "./libvirtd.js";
import { type Move, movedText, movedXml, movesBetween } from "./moves.js";
import { type Place, place } from "./place.js";
import type { Save } from "./saves.js";

/** Brings a lab into the state that was saved, in the place of the present one. */
export async function labRestore(folder: string, save: Save): Promise<void> {
  const lab = place(save.stack);
  const keys = join(lab.folder, "keys");
  await rm(keys, { recursive: true, force: true });
  await mkdir(keys, { recursive: true, mode: 0o700 });
  await cp(join(folder, "keys"), keys, { recursive: true });
  const routed = save.guests.filter((guest) => guest.routed).map(({ name }) => name);
  const { embedded } = await labUp(save.stack, {
    ...{ debian: save.debian, clients: save.clients, guests: save.guests, routed },
  });
  await phase(`lab ${save.stack}: waking up ${save.machines.join(", ")}`, async () => {
    await takeOff(lab);
    await restorePools(lab, folder, save, embedded.image.source);
    await Promise.all(save.machines.map((machine) => wake(lab, folder, save, domainName(lab, machine))));
  });
  await waitForGuests(save.stack);
  await setClocks(lab, save.machines);
}

/** Removes the present guests and their disks. */
async function takeOff(lab: Place): Promise<void> {
  await endConnections(lab);
  for (const domain of await names(lab, "list")) {
    await virsh(lab, ["destroy", domain], { reject: false });
    await virsh(lab, ["undefine", domain, "--managed-save"]);
  }
  for (const pool of await names(lab, "pool-list")) {
    await virsh(lab, ["pool-destroy", pool], { reject: false });
    await virsh(lab, ["pool-undefine", pool]);
  }
  await rm(lab.pool, { recursive: true, force: true });
  for (const log of await readdir(lab.consoles)) await rm(join(lab.consoles, log));
}

async function names(lab: Place, list: "list" | "pool-list"): Promise<string[]> {
  const { stdout } = await virsh(lab, ["--quiet", list, "--all", "--name"]);
  return String(stdout)
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

async function restorePools(lab: Place, folder: string, save: Save, image: string): Promise<void> {
  const moves = movesBetween(save.place, lab);
  for (const pool of save.pools) {
    const definition = movedXml(await readFile(join(folder, `${pool}.pool.xml`), "utf8"), moves);
    await defined(lab, "pool-define", definition);
    await virsh(lab, ["pool-build", pool]);
    await virsh(lab, ["pool-autostart", pool]);
  }
  for (const name of save.images) await copyFile(image, join(lab.pool, name));
  for (const name of await readdir(join(folder, "volumes"))) {
    const volume = join(lab.pool, name);
    await copyFile(join(folder, "volumes", name), volume);
    if (moves.length > 0) await rebase(volume, moves);
  }
  for (const name of await readdir(lab.pool)) await chmod(join(lab.pool, name), 0o600);
  for (const pool of save.pools) await virsh(lab, ["pool-start", pool]);
}

/** An overlay has the path of the image that it is based on. */
async function rebase(volume: string, moves: readonly Move[]): Promise<void> {
  const { stdout } = await execa("qemu-img", ["info", "--output=json", volume]);
  const below = (JSON.parse(stdout) as { "backing-filename"?: string })["backing-filename"];
  if (below) await execa("qemu-img", ["rebase", "-u", "-F", "qcow2", "-b", movedText(below, moves), volume]);
}

async function wake(lab: Place, folder: string, save: Save, domain: string): Promise<void> {
  const moves = movesBetween(save.place, lab);
  await defined(lab, "define", movedXml(await readFile(join(folder, `${domain}.xml`), "utf8"), moves));
  const memory = join(folder, `${domain}.memory`);
  const { stdout } = await virsh(lab, ["save-image-dumpxml", memory, "--security-info"]);
  await withFile(lab, movedXml(String(stdout), moves), (file) =>
    virsh(lab, ["restore", memory, "--xml", file, "--running"]),
  );
}

function defined(lab: Place, command: "define" | "pool-define", definition: string): Promise<unknown> {
  return withFile(lab, definition, (file) => virsh(lab, [command, file]));
}

/** virsh reads XML from files only. */
async function withFile(lab: Place, xml: string, use: (file: string) => Promise<unknown>): Promise<void> {
  const file = join(lab.system, `${randomUUID()}.xml`);
  await writeFile(file, xml, { mode: 0o600, flag: "wx" });
  try {
    await use(file);
  } finally {
    await rm(file, { force: true });
  }
}
