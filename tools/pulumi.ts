import { backend, configurationFile, releaseStack } from "./backend.js";
import { root } from "./cache.js";
import { labExists } from "./lab/place.js";
import { labRun } from "./lab/run.js";
import { runHere } from "./run-here.js";
import { ensureToolchain } from "./toolchain/index.js";
import { quickStart } from "./toolchain/quick-start.js";

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
  const environment = { ...toolchain.environment, ...(await backend()), ...UNCHECKED, ...quickStart() };
  const stack = stackOf(args);
  if (stack !== undefined) await releaseStack(stack);
  if (stack === undefined || !labExists(stack)) return runHere(toolchain.pulumi, args, { cwd: root, env: environment });
  const command = args.find((word) => !word.startsWith("-")) ?? "";
  const configured = CONFIGURED.has(command) ? ["--config-file", configurationFile(stack)] : [];
  return labRun(stack, [toolchain.pulumi, ...args, ...configured], { env: environment, cwd: root });
}

function stackOf(args: string[]): string | undefined {
  for (const [i, word] of args.entries()) {
    if (word === "-s" || word === "--stack") return args[i + 1];
    if (word.startsWith("--stack=")) return word.slice("--stack=".length);
  }
  return undefined;
}
