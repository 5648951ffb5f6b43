import { execa } from "execa";
import { root } from "./cache.js";
import { labExists, labRun } from "./lab/index.js";
import { backend, configurationFile, releaseStack } from "./stacks.js";
import { ensureToolchain } from "./toolchain/index.js";

/** The commands that read a stack's configuration. These take --config-file. */
const CONFIGURED = new Set(["up", "update", "preview", "refresh", "destroy", "config", "import", "watch"]);

/** `npm run types` judges the types of the examples. To judge them at every start takes more than a second. */
const UNCHECKED = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };

/**
 * Runs the Pulumi CLI in the right environment: with our tool chain and the backend that git ignores. The stack of a
 * lab also gets its configuration and its network namespace. Other stacks run in the user's own network. A lock that a
 * killed Pulumi left behind is released first.
 */
export async function pulumi(args: string[]): Promise<number> {
  const toolchain = await ensureToolchain();
  const environment = { ...toolchain.environment, ...(await backend()), ...UNCHECKED };
  const stack = stackOf(args);
  if (stack !== undefined) await releaseStack(stack);
  if (stack === undefined || !labExists(stack)) {
    const done = await execa(toolchain.pulumi, args, { cwd: root, env: environment, stdio: "inherit", reject: false });
    return done.exitCode ?? 1;
  }
  const command = args.find((word) => !word.startsWith("-")) ?? "";
  const configured = CONFIGURED.has(command) ? ["--config-file", configurationFile(stack)] : [];
  return labRun(stack, [toolchain.pulumi, ...args, ...configured], { env: environment, cwd: root });
}

/** One of a stack's outputs. */
export async function output(stack: string, name: string): Promise<string> {
  const toolchain = await ensureToolchain();
  const environment = { ...toolchain.environment, ...(await backend()) };
  const { stdout } = await execa(toolchain.pulumi, ["stack", "output", name, "-s", stack], {
    cwd: root,
    env: environment,
  });
  return stdout.trim();
}

function stackOf(args: string[]): string | undefined {
  for (const [i, word] of args.entries()) {
    if (word === "-s" || word === "--stack") return args[i + 1];
    if (word.startsWith("--stack=")) return word.slice("--stack=".length);
  }
  return undefined;
}
