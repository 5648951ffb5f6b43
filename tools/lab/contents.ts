import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../cache.js";
import type { Ingredients } from "./ingredients.js";

/** What a save depends on: guests wake up only where all of it is as it was. */
export interface Contents {
  /** The guest image's folder: disks are overlays of it, and the kernel runs from it. */
  readonly image: string;
  readonly packages: string;
  /** What runs the guests. Only the same QEMU knows what to make of their memory. */
  readonly emulator: string;
  /** A digest of the sources that make labs and their machines. */
  readonly sources: string;
}

export async function contents({ image, packages, type, emulator }: Ingredients): Promise<Contents> {
  const qemu = emulator ? join(emulator, "usr/bin/qemu-system-x86_64") : "qemu-system-x86_64";
  const { stdout } = await execa(qemu, ["--version"]);
  const processor = type === "kvm" ? ` on ${cpus()[0]?.model}` : "";
  const version = stdout.split("\n")[0];
  return { image: image.folder, packages, emulator: `${version}, ${type}${processor}`, sources: await sources() };
}

/** Why what was saved there does not fit here; nothing where it does. */
export function misfits(there: Contents, here: Contents): string[] {
  const found: string[] = [];
  if (there.image !== here.image) found.push("the guest image is another one");
  if (there.packages !== here.packages) found.push("the guests' packages are others");
  if (there.emulator !== here.emulator) found.push(`it was saved by ${there.emulator}; here is ${here.emulator}`);
  if (there.sources !== here.sources) found.push("the lab's sources have changed");
  return found;
}

async function sources(): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of ["tools/lab", "sdk/lab"])
    for (const entry of (await readdir(join(root, folder), { recursive: true, withFileTypes: true })).sort(byPath))
      if (entry.isFile()) hash.update(entry.name).update(await readFile(join(entry.parentPath, entry.name)));
  return hash.digest("hex").slice(0, 16);
}

function byPath(one: { parentPath: string; name: string }, other: { parentPath: string; name: string }): number {
  return join(one.parentPath, one.name) < join(other.parentPath, other.name) ? -1 : 1;
}
