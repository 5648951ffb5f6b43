import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, parseDocument } from "yaml";
import { configurationFile } from "./backend.js";
import { type Move, movedJson } from "./lab/moves.js";
import { encryptedParts, prepareStack, pulumiPrints } from "./stacks.js";
import type { Toolchain } from "./toolchain/toolchain.js";

/** A stack's configuration without encryption: the stack that gets it has another passphrase. */
interface Configuration {
  /** As in Pulumi.<stack>.yaml. Values that were encrypted are empty. */
  readonly config: Record<string, unknown>;
  readonly secrets: readonly { readonly at: readonly (string | number)[]; readonly value: string }[];
}

/** A stack's state as `pulumi stack export` prints it. */
interface State {
  readonly deployment: { readonly secrets_providers?: { readonly type: string; readonly state: unknown } };
}

/** Writes a stack's state and configuration, secrets in plain text, into a folder that root alone may read. */
export async function saveStack(stack: string, folder: string, toolchain: Toolchain): Promise<void> {
  const state = await pulumiPrints(toolchain, ["stack", "export", "--show-secrets", "-s", stack]);
  await writeFile(join(folder, "state.json"), state, { mode: 0o600 });
  const configuration = JSON.stringify(await readConfiguration(stack, toolchain));
  await writeFile(join(folder, "configuration.json"), configuration, { mode: 0o600 });
}

/** Makes a stack from a save. The stack's own salt and passphrase encrypt the secrets anew. */
export async function restoreStack(
  stack: string,
  folder: string,
  moves: readonly Move[],
  toolchain: Toolchain,
): Promise<void> {
  const saved = async <T>(file: string) =>
    movedJson(JSON.parse(await readFile(join(folder, file), "utf8")) as T, moves);
  const { config, secrets } = await saved<Configuration>("configuration.json");
  await prepareStack(stack, {}, toolchain);
  const file = configurationFile(stack);
  const document = parseDocument(await readFile(file, "utf8"));
  document.set("config", config);
  await writeFile(file, document.toString(), { mode: 0o600 });
  // The lab's own settings have precedence over the saved ones.
  await prepareStack(stack, {}, toolchain);
  for (const { at, value } of secrets)
    await pulumiPrints(toolchain, ["config", "set", "--secret", "--path", keyPath(at), ...configured(stack)], value);
  const state = reencrypted(await saved<State>("state.json"), document.get("encryptionsalt"));
  await pulumiPrints(toolchain, ["stack", "import", "-s", stack], JSON.stringify(state));
}

/** Returns a plain-text state in the form that the stack with this salt encrypts. */
export function reencrypted(state: State, salt: unknown): State {
  return { ...state, deployment: { ...state.deployment, secrets_providers: { type: "passphrase", state: { salt } } } };
}

async function readConfiguration(stack: string, toolchain: Toolchain): Promise<Configuration> {
  const file = configurationFile(stack);
  const config: Record<string, unknown> = (existsSync(file) && parse(await readFile(file, "utf8"))?.config) || {};
  const parts = encryptedParts(config);
  if (parts.length === 0) return { config, secrets: [] };
  const printed = JSON.parse(
    await pulumiPrints(toolchain, ["config", "--json", "--show-secrets", ...configured(stack)]),
  );
  const secrets = parts.map((at) => ({ at, value: plainValue(printed, at) }));
  for (const at of parts) setPart(config, at, "");
  return { config, secrets };
}

function configured(stack: string): string[] {
  return ["-s", stack, "--config-file", configurationFile(stack)];
}

/** Returns a value from the output of `pulumi config --json`. */
export function plainValue(
  printed: Record<string, { value?: string; objectValue?: unknown }>,
  [key, ...inside]: readonly (string | number)[],
): string {
  const entry = printed[String(key)];
  if (inside.length === 0) return entry?.value ?? "";
  const found = inside.reduce<unknown>((part, step) => (part as Record<string, unknown>)?.[step], entry?.objectValue);
  return String(found ?? "");
}

/** Returns the path of a value in the form that `pulumi config set --path` takes. */
export function keyPath(at: readonly (string | number)[]): string {
  const [key, ...inside] = at;
  return `${key}${inside.map((step) => (typeof step === "number" ? `[${step}]` : `[${JSON.stringify(step)}]`)).join("")}`;
}

function setPart(value: unknown, at: readonly (string | number)[], to: string): void {
  const holder = at.slice(0, -1).reduce<unknown>((part, step) => (part as Record<string, unknown>)[step], value);
  (holder as Record<string, unknown>)[at.at(-1) as string] = to;
}
