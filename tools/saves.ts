import { type Contents, contents, misfits } from "./lab/contents.js";
import type { Debian } from "./lab/image.js";
import { ensureIngredients } from "./lab/ingredients.js";
import { movesBetween } from "./lab/moves.js";
import { place } from "./lab/place.js";
import { labRestore } from "./lab/restore.js";
import { labSave } from "./lab/save.js";
import { fittingSave, listSaves } from "./lab/saves.js";
import { phase } from "./progress.js";
import { restoreStack, saveStack } from "./stack-save.js";
import { forgetStack } from "./stacks.js";
import { ensureToolchain } from "./toolchain/index.js";

/** Saves a stack's lab under a name: its guests, its keys, and Pulumi's state and configuration. */
export async function save(stack: string, name: string): Promise<void> {
  const toolchain = await ensureToolchain();
  await labSave(stack, name, (folder) => saveStack(stack, folder, toolchain));
}

/**
 * Brings a stack's lab into a saved state, in this checkout, wherever the lab was saved. Where this is impossible,
 * nothing is touched.
 */
export async function restore(stack: string, name: string): Promise<void> {
  const toolchain = await ensureToolchain();
  const { folder, save } = await fittingSave(stack, name, here);
  await forgetStack(stack, toolchain);
  await labRestore(folder, save);
  await phase(`stack ${stack}`, () => restoreStack(stack, folder, movesBetween(save.place, place(stack)), toolchain));
}

/** Returns a line for each save: its name, its stack, and whether it can be restored here. */
export async function saves(): Promise<string[]> {
  const lines: string[] = [];
  for (const { name, save } of await listSaves()) {
    const reasons = misfits(save.contents, await here(save.debian));
    const fits = reasons.length > 0 ? `does not fit any more: ${reasons.join("; ")}` : "fits";
    lines.push(`${name}: ${save.stack} of ${save.saved}, ${save.machines.join(", ")}: ${fits}`);
  }
  return lines;
}

async function here(debian: Debian): Promise<Contents> {
  return contents(await ensureIngredients(debian));
}
