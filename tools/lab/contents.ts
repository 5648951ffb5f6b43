import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../cache.js";
import type { Ingredients } from "./ingredients.js";

/** What a save depends on. Guests are woken up only where all of this is as it was. */
export interface Contents {
  /** The guest image's folder. Disks are overlays of the image, and the kernel runs from there. */
  readonly image: string;
  readonly packages: string;
  /** The program that runs the guests. A guest's memory can be read by the same QEMU alone. */
  readonly emulator: string;
  /** A digest of the sources that make labs and their machines. */
  readonly sources: string;
}

export async function contents({ image, packages, type, emulator }: Ingredients): Promise<Contents> {
  const qemu = emulator ? join(emulator, "usr/bin/qemu-system-x86_64") : "qemu-system-x86_64";
  const { stdout } = await execa(qemu, ["--version"]);
  const processor = type === "kvm" ? ` on ${cpus()[0]?.model}` : "";
  const version = stdout.split("\n")[0];
  const sources = await digestOfSources(["tools/lab", "sdk/lab"].map((folder) => join(root, folder)));
  return { image: image.folder, packages, emulator: `${version}, ${type}${processor}`, sources };
}

/** The reasons why what was saved there does not fit here. Empty where it fits. */
export function misfits(there: Contents, here: Contents): string[] {
  const found: string[] = [];
  if (there.image !== here.image) found.push("the guest image is another one");
  if (there.packages !== here.packages) found.push("the guests' packages are others");
  if (there.emulator !== here.emulator) found.push(`it was saved by ${there.emulator}; here is ${here.emulator}`);
  if (there.sources !== here.sources) found.push("the lab's sources have changed");
  return found;
}

/**
 * A digest of the files' names and of what the files do. TypeScript counts without its comments and its layout: a save
 * stays usable where only these have changed.
 */
export async function digestOfSources(folders: readonly string[]): Promise<string> {
  const { default: typescript } = await import("typescript");
  const compilerOptions = { removeComments: true, target: typescript.ScriptTarget.ESNext };
  const hash = createHash("sha256");
  for (const folder of folders)
    for (const entry of (await readdir(folder, { recursive: true, withFileTypes: true })).sort(byPath)) {
      if (!entry.isFile()) continue;
      const text = await readFile(join(entry.parentPath, entry.name), "utf8");
      const isTypescript = entry.name.endsWith(".ts");
      const counted = isTypescript ? typescript.transpileModule(text, { compilerOptions }).outputText : text;
      hash.update(entry.name).update(counted);
    }
  return hash.digest("hex").slice(0, 16);
}

function byPath(one: { parentPath: string; name: string }, other: { parentPath: string; name: string }): number {
  return join(one.parentPath, one.name) < join(other.parentPath, other.name) ? -1 : 1;
}
