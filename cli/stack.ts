import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Command } from "commander";
import { LvsError } from "pulumi-lvs-provider/operations";
import { hostsOf, readPreview, readState, type StackState } from "./state";

/** The options that every command has. */
export interface Common {
  readonly stack?: string;
  readonly cwd: string;
  readonly json?: boolean;
}

/**
 * What the stack's state has, as the Pulumi CLI gives it. Relative paths of keys start in the project's folder. A state without
 * a host of this package is refused: that all is well there would be said of nothing.
 */
export async function stackState(command: Command): Promise<StackState> {
  const printed = await pulumi(command, ["stack", "export", "--show-secrets"], "reading the stack's state");
  const state = readState(printed);
  if (hostsOf(state).size > 0) return state;
  const which =
    state.stack === undefined ? "the stack's state is empty" : `the stack ${state.stack} has no host of pulumi-lvs`;
  throw new LvsError(`${which}: run \`pulumi up\` first, or name another stack by --stack, another project by --cwd`);
}

/** What the program declares, as a preview says it: nothing has to be up, and no host is asked. */
export async function previewedState(command: Command): Promise<StackState> {
  const words = ["preview", "--json", "--show-sames", "--suppress-progress"];
  const state = readPreview(await pulumi(command, words, "previewing the program"));
  if (hostsOf(state).size > 0) return state;
  throw new LvsError("the program declares no host of pulumi-lvs: name another project by --cwd");
}

/** A script whose variable is empty means no stack, and not the one that is selected. */
export function refuseEmptyStack(stack: string | undefined): void {
  if (stack?.trim() === "") throw new LvsError("--stack is empty: name the stack, or leave the option out");
}

/** Runs the Pulumi CLI for the stack in the project's folder. Returns the JSON that it prints. */
async function pulumi(command: Command, words: readonly string[], doing: string): Promise<unknown> {
  const { stack, cwd } = command.optsWithGlobals<Common>();
  refuseEmptyStack(stack);
  process.chdir(projectFolder(resolve(cwd)));
  const which = stack === undefined ? [] : ["--stack", stack];
  try {
    const all = [...words, "--non-interactive", ...which];
    const { stdout } = await promisify(execFile)("pulumi", all, { maxBuffer: 2 ** 30 });
    return read(stdout, doing, words);
  } catch (error) {
    if (error instanceof LvsError) throw error;
    throw new LvsError(reasonOf(error as Failed, doing, words));
  }
}

interface Failed {
  readonly code?: unknown;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly message: string;
}

/** Never the message of JSON.parse: it quotes the text, and that has the secrets of the state. */
function read(printed: string, doing: string, words: readonly string[]): unknown {
  try {
    return JSON.parse(printed);
  } catch {
    throw new LvsError(
      `${doing}: what \`${named(words)}\` printed is no JSON. Is the \`pulumi\` on the PATH a wrapper that ` +
        "prints something of its own, or was it ended before its end?",
    );
  }
}

function projectFolder(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (["Pulumi.yaml", "Pulumi.yml"].some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === dirname(folder))
      throw new LvsError(
        `neither ${start} nor a folder above it has a Pulumi.yaml: name the project's folder by --cwd`,
      );
  }
}

/** Never the message of execFile: it has the command's output, and that has the secrets of the state. */
function reasonOf({ code, stdout, stderr, message }: Failed, doing: string, words: readonly string[]): string {
  if (code === "ENOENT")
    return `${doing}: the Pulumi CLI is needed, and no \`pulumi\` is on the PATH: install it, or add its folder to PATH`;
  if (stderr === undefined) return message;
  const said = toldIn(stdout) || stderr.trim() || "it failed without a word";
  return `${doing} by \`${named(words)}\`: ${said}${/passphrase/.test(said) ? ` ${PASSPHRASE}` : ""}`;
}

const PASSPHRASE =
  "(the same passphrase as for `pulumi up`: in PULUMI_CONFIG_PASSPHRASE, or in the file that PULUMI_CONFIG_PASSPHRASE_FILE names)";

/** A preview in JSON tells what failed among its other diagnostics. */
function toldIn(printed = ""): string {
  try {
    const { diagnostics = [] } = JSON.parse(printed) as { diagnostics?: { severity?: string; message?: string }[] };
    const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message = "" }) => message.trim());
    return errors.join("\n");
  } catch {
    return "";
  }
}

function named(words: readonly string[]): string {
  return ["pulumi", ...words.filter((word) => !word.startsWith("--"))].join(" ");
}
