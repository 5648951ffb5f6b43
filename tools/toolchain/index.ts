import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../cache.js";
import { phase } from "../progress.js";
import { toolchainFromSource } from "./from-source.js";
import { abandonBuilds } from "./go-build.js";
import { installLibvirtSdk } from "./libvirt-sdk.js";
import { officialToolchain } from "./official.js";

export interface Toolchain {
  /** The absolute path of the CLI. */
  readonly pulumi: string;
  /** What to add to the environment of every `pulumi` command. */
  readonly environment: Record<string, string>;
  /** Tells one tool chain from another; what it generates is cached under this. */
  readonly identity: string;
}

/**
 * Makes a working Pulumi tool chain available, and with it `@pulumi/libvirt` and what of this checkout is compiled against
 * it, and returns the environment in which to run it. Quick and silent when nothing changed.
 *
 * A recent official CLI on PATH is used as it is. Otherwise everything is built from Go modules, once a machine: whoever
 * has something else to do meanwhile begins with `beginToolchain()`.
 */
export function ensureToolchain(): Promise<Toolchain> {
  ensured ??= prepare();
  return ensured;
}

/** Makes the tool chain in the background. Its failure is that of whoever needs it, then or later. */
export function beginToolchain(): void {
  ensureToolchain().catch(() => {});
}

/** The tool chain, and a line that says what is waited for when it is not there yet. */
export function awaitToolchain(): Promise<Toolchain> {
  return phase("waiting for the tool chain", ensureToolchain);
}

/** Ends what is still being built: nobody is left who needs it. */
export const abandonToolchain = abandonBuilds;

let ensured: Promise<Toolchain> | undefined;

async function prepare(): Promise<Toolchain> {
  const toolchain = (await officialToolchain()) ?? (await toolchainFromSource());
  await installLibvirtSdk(toolchain);
  const { compileAll } = await import(pathToFileURL(join(root, "tools", "compile.mjs")).href);
  await compileAll();
  return toolchain;
}
