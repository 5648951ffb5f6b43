import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { parseDocument } from "yaml";
import { root } from "./cache.js";
import { labConfiguration } from "./lab/index.js";
import type { Toolchain } from "./toolchain/index.js";

/** Where everything that a lab stack needs lies; git ignores it. */
export const labFolder = join(root, ".lab");

/** Whether the stack is one of a lab: `npm run lab -- up` made its folder. Other stacks are the user's own hosts. */
export function isLabStack(stack: string): boolean {
  return existsSync(join(labFolder, stack, "lab.json"));
}

/** A lab stack's configuration; a tracked Pulumi.<stack>.yaml would go dirty at once, because Pulumi writes a salt into it. */
export function configurationFile(stack: string): string {
  return join(labFolder, stack, `Pulumi.${stack}.yaml`);
}

/** The backend and passphrase that Pulumi uses, unless the user chose their own. */
export async function backend(): Promise<Record<string, string>> {
  const chosen = process.env;
  const settings: Record<string, string> = {};
  if (!chosen.PULUMI_BACKEND_URL && !chosen.PULUMI_ACCESS_TOKEN) {
    const folder = join(labFolder, "state");
    await mkdir(folder, { recursive: true });
    settings.PULUMI_BACKEND_URL = `file://${folder}`;
  }
  if (!chosen.PULUMI_CONFIG_PASSPHRASE && !chosen.PULUMI_CONFIG_PASSPHRASE_FILE) {
    const file = join(labFolder, "passphrase");
    await mkdir(dirname(file), { recursive: true });
    if (!existsSync(file))
      await writeFile(file, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    await chmod(file, 0o600);
    settings.PULUMI_CONFIG_PASSPHRASE_FILE = file;
  }
  return settings;
}

/** Makes the lab's stack where there is none yet, and writes the lab's part of its configuration; the user's part stays. */
export async function prepareStack(stack: string, toolchain: Toolchain): Promise<void> {
  const environment = { ...toolchain.environment, ...(await backend()) };
  const pulumi = (args: string[]) => execa(toolchain.pulumi, args, { cwd: root, env: environment, reject: false });
  const stacks = await pulumi(["stack", "ls", "--json"]);
  const names = (JSON.parse(stacks.stdout || "[]") as { name: string }[]).map(({ name }) => name);
  const file = configurationFile(stack);
  if (!names.includes(stack)) {
    const own = join(root, `Pulumi.${stack}.yaml`);
    if (existsSync(own))
      throw new Error(
        `Pulumi.${stack}.yaml configures hosts of your own: rename that stack, or bring it up by \`pulumi up\``,
      );
    const made = await pulumi(["stack", "init", stack, "--non-interactive", "--no-select"]);
    if (made.exitCode !== 0) throw new Error(`making the stack ${stack}: ${made.stderr || made.stdout}`);
    await rename(own, file);
  }
  await writeConfiguration(file, await labConfiguration(stack));
}

async function writeConfiguration(file: string, values: Record<string, unknown>): Promise<void> {
  const before = existsSync(file) ? await readFile(file, "utf8") : "";
  const document = parseDocument(before || "config: {}\n");
  for (const [key, value] of Object.entries(values)) document.setIn(["config", key], value);
  const after = document.toString();
  if (after !== before) await writeFile(file, after, { mode: 0o600 });
}
