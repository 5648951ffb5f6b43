import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { parseDocument } from "yaml";
import { root } from "./cache.js";
import { labConfiguration } from "./lab/index.js";
import { releaseStaleLocks } from "./stale-lock.js";
import type { Toolchain } from "./toolchain/index.js";

/** Where everything that a lab stack needs lies; git ignores it. */
export const labFolder = join(root, ".lab");

const stateFolder = join(labFolder, ".state");

/** A lab stack's configuration; a tracked Pulumi.<stack>.yaml would go dirty at once, because Pulumi writes a salt into it. */
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

/** Makes the lab's stack where there is none yet, and writes the lab's part of its configuration; the user's part stays. */
export async function prepareStack(stack: string, experiment: string | undefined, toolchain: Toolchain): Promise<void> {
  const file = configurationFile(stack);
  await releaseStaleLocks(stateFolder, "pulumi-lvs", stack);
  if (!(await stackNames(toolchain)).includes(stack)) {
    const own = join(root, `Pulumi.${stack}.yaml`);
    if (existsSync(own))
      throw new Error(
        `Pulumi.${stack}.yaml configures hosts of your own: rename that stack, or bring it up by \`pulumi up\``,
      );
    await quietly(toolchain, ["stack", "init", stack, "--non-interactive", "--no-select"]);
    await rename(own, file);
  }
  const chosen = experiment ? { "pulumi-lvs:experiment": experiment } : {};
  await writeConfiguration(file, { ...(await labConfiguration(stack)), ...chosen });
}

/** Forgets the stack of a lab that is taken down: its machines are gone, whatever the state says. */
export async function forgetStack(stack: string, toolchain: Toolchain): Promise<void> {
  await releaseStaleLocks(stateFolder, "pulumi-lvs", stack);
  if ((await stackNames(toolchain)).includes(stack))
    await quietly(toolchain, ["stack", "rm", stack, "--force", "--yes", "--preserve-config", "--non-interactive"]);
}

async function stackNames(toolchain: Toolchain): Promise<string[]> {
  const listed = JSON.parse(await quietly(toolchain, ["stack", "ls", "--json"])) as { name: string }[];
  return listed.map(({ name }) => name);
}

async function quietly(toolchain: Toolchain, args: string[]): Promise<string> {
  const env = { ...toolchain.environment, ...(await backend()) };
  const done = await execa(toolchain.pulumi, args, { cwd: root, env, reject: false });
  if (done.exitCode !== 0) throw new Error(`pulumi ${args.join(" ")}: ${done.stderr || done.stdout}`);
  return done.stdout;
}

async function writeConfiguration(file: string, values: Record<string, unknown>): Promise<void> {
  const before = existsSync(file) ? await readFile(file, "utf8") : "";
  const document = parseDocument(before || "config: {}\n");
  for (const [key, value] of Object.entries(values)) document.setIn(["config", key], value);
  const after = document.toString();
  if (after !== before) await writeFile(file, after, { mode: 0o600 });
}
