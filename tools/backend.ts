import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { root } from "./cache.js";
import { releaseStaleLocks } from "./stale-lock.js";

/** The folder with everything that a lab's stack needs. Git ignores the folder. */
export const labFolder = join(root, ".lab");

const stateFolder = join(labFolder, ".state");

/**
 * The file of a lab stack's configuration. A tracked Pulumi.<stack>.yaml would show as changed at once, because Pulumi
 * writes a salt into it.
 */
export function configurationFile(stack: string): string {
  return join(labFolder, stack, `Pulumi.${stack}.yaml`);
}

/** The backend and passphrase that Pulumi uses, unless the user chose their own. */
export async function backend(): Promise<Record<string, string>> {
  const chosen = process.env;
  const settings: Record<string, string> = {};
  if (!chosen.PULUMI_BACKEND_URL && !chosen.PULUMI_ACCESS_TOKEN) {
    await mkdir(stateFolder, { recursive: true });
    settings.PULUMI_BACKEND_URL = `file://${stateFolder}`;
  }
  if (!chosen.PULUMI_CONFIG_PASSPHRASE && !chosen.PULUMI_CONFIG_PASSPHRASE_FILE) {
    const file = join(labFolder, ".passphrase");
    await mkdir(dirname(file), { recursive: true });
    if (!existsSync(file))
      await writeFile(file, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    await chmod(file, 0o600);
    settings.PULUMI_CONFIG_PASSPHRASE_FILE = file;
  }
  return settings;
}

/** Whether a stack of that name may be there. Without Pulumi this is known of the lab's own backend alone. */
export function mayBeStack(stack: string): boolean {
  if (process.env.PULUMI_BACKEND_URL || process.env.PULUMI_ACCESS_TOKEN) return true;
  const state = join(stateFolder, ".pulumi", "stacks", "pulumi-lvs", `${stack}.json`);
  return existsSync(state) || existsSync(`${state}.gz`);
}

/** Releases the lock on a stack that a killed Pulumi left behind. */
export function releaseStack(stack: string): Promise<void> {
  return releaseStaleLocks(stateFolder, "pulumi-lvs", stack);
}
