import { toolchainFromSource } from "./from-source.js";
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
 * Makes a working Pulumi tool chain available, and with it `@pulumi/libvirt`, and returns the environment in which to run
 * it. Quick and silent when nothing changed.
 *
 * A recent official CLI on PATH is used as it is. Otherwise everything is built from Go modules, once a machine.
 */
export function ensureToolchain(): Promise<Toolchain> {
  ensured ??= prepare();
  return ensured;
}

let ensured: Promise<Toolchain> | undefined;

async function prepare(): Promise<Toolchain> {
  const toolchain = (await officialToolchain()) ?? (await toolchainFromSource());
  await installLibvirtSdk(toolchain);
  return toolchain;
}
