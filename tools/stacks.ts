import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { isMap, parseDocument, type YAMLMap } from "yaml";
import { backend, configurationFile, releaseStack } from "./backend.js";
import { root } from "./cache.js";
import { labConfiguration } from "./lab/index.js";
import type { Toolchain } from "./toolchain/toolchain.js";

/**
 * Makes the stack of a lab where there is none yet. Writes the lab's part of the stack's configuration, and the chosen
 * settings. The rest of the user's part stays.
 */
export async function prepareStack(stack: string, chosen: Record<string, string>, toolchain: Toolchain): Promise<void> {
  const file = configurationFile(stack);
  await releaseStack(stack);
  if (!(await stackNames(toolchain)).includes(stack)) {
    const own = join(root, `Pulumi.${stack}.yaml`);
    if (existsSync(own))
      throw new Error(
        `Pulumi.${stack}.yaml configures hosts of your own: rename that stack, or bring it up by \`pulumi up\``,
      );
    const kept = await keptConfiguration(file);
    await pulumiPrints(toolchain, ["stack", "init", stack, "--non-interactive", "--no-select"]);
    if (kept) {
      const fresh = parseDocument(await readFile(own, "utf8"));
      fresh.set("config", kept);
      await writeFile(own, fresh.toString());
    }
    await rename(own, file);
  }
  const named = Object.fromEntries(Object.entries(chosen).map(([key, value]) => [`pulumi-lvs:${key}`, value]));
  await writeConfiguration(file, { ...(await labConfiguration(stack)), ...named });
}

/** Forgets the stack of a lab that is taken down. Its machines are gone, whatever the state says. */
export async function forgetStack(stack: string, toolchain: Toolchain): Promise<void> {
  await releaseStack(stack);
  if ((await stackNames(toolchain)).includes(stack))
    await pulumiPrints(toolchain, ["stack", "rm", stack, "--force", "--yes", "--preserve-config", "--non-interactive"]);
}

async function stackNames(toolchain: Toolchain): Promise<string[]> {
  const listed = JSON.parse(await pulumiPrints(toolchain, ["stack", "ls", "--json"])) as { name: string }[];
  return listed.map(({ name }) => name);
}

/**
 * Returns what a Pulumi command prints.
 *
 * @param input what the command reads: a secret must not stand in a command line
 */
export async function pulumiPrints(toolchain: Toolchain, args: string[], input?: string): Promise<string> {
  const env = { ...toolchain.environment, ...(await backend()) };
  const done = await execa(toolchain.pulumi, args, {
    ...{ cwd: root, env, reject: false },
    ...(input === undefined ? {} : { input }),
  });
  if (done.exitCode !== 0) throw new Error(`pulumi ${args.join(" ")}: ${done.stderr || done.stdout}`);
  return done.stdout;
}

/**
 * Returns what was configured for a former stack of that name, without the values that only that stack's salt could
 * decrypt. The new stack has a salt of its own.
 */
async function keptConfiguration(file: string): Promise<YAMLMap | undefined> {
  if (!existsSync(file)) return undefined;
  const document = parseDocument(await readFile(file, "utf8"));
  const [error] = document.errors;
  if (error) throw new Error(`${file}: ${error.message}`);
  const config = document.get("config");
  if (!isMap(config)) return undefined;
  const lost = Object.entries(config.toJS(document)).flatMap(([key, value]) => (isEncrypted(value) ? [key] : []));
  for (const key of lost) config.delete(key);
  if (lost.length > 0) console.error(`${file}: encrypted for a stack that is gone, set again: ${lost.join(", ")}`);
  return config;
}

/** Whether Pulumi encrypted the value, or a part of it. */
function isEncrypted(value: unknown): boolean {
  return encryptedParts(value).length > 0;
}

/** The paths of the parts of a value that Pulumi encrypted. */
export function encryptedParts(value: unknown, at: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure") return [[...at]];
  return entries.flatMap(([key, part]) => encryptedParts(part, [...at, Array.isArray(value) ? Number(key) : key]));
}

async function writeConfiguration(file: string, values: Record<string, unknown>): Promise<void> {
  const before = existsSync(file) ? await readFile(file, "utf8") : "";
  const document = parseDocument(before || "config: {}\n");
  for (const [key, value] of Object.entries(values)) document.setIn(["config", key], value);
  const after = document.toString();
  if (after !== before) await writeFile(file, after, { mode: 0o600 });
}
