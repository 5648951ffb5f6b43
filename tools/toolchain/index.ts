import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../cache.js";
import { phase } from "../progress.js";
import { toolchainFromSource } from "./from-source.js";
import { abandonBuilds } from "./go-build.js";
import { installLibvirtSdk } from "./libvirt-sdk.js";
import { officialToolchain } from "./official.js";
import type { Toolchain } from "./toolchain.js";

/**
 * Makes a working Pulumi tool chain available, generates `@pulumi/libvirt` with it, compiles what of this checkout
 * imports that package, and returns the tool chain with the environment to run it in. The function is quick and silent
 * when nothing has changed: what builds and generates loads execa only then.
 *
 * A recent official CLI on PATH is used as it is. Otherwise everything is built from Go modules, once a machine. A
 * caller with other work to do meanwhile calls `beginToolchain()` first.
 */
export function ensureToolchain(): Promise<Toolchain> {
  ensured ??= prepare();
  return ensured;
}

/** Makes the tool chain in the background. Whoever asks for the tool chain, now or later, gets its failure. */
export function beginToolchain(): void {
  ensureToolchain().catch(() => {});
}

/** Returns the tool chain. Prints that it is waited for when it is not there yet. */
export function awaitToolchain(): Promise<Toolchain> {
  return phase("waiting for the tool chain", ensureToolchain);
}

/** Ends the builds that are still running, because nobody needs them any more. */
export const abandonToolchain = abandonBuilds;

let ensured: Promise<Toolchain> | undefined;

async function prepare(): Promise<Toolchain> {
  const toolchain = (await officialToolchain()) ?? (await toolchainFromSource());
  await installLibvirtSdk(toolchain);
  const { compileAll } = await import(pathToFileURL(join(root, "tools", "compile.mjs")).href);
  await compileAll();
  return toolchain;
}
