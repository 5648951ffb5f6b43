import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Command } from "commander";
import { LvsError } from "pulumi-lvs-provider/operations";
import { readState, type StackState } from "./state";

/** The options that every command has. */
export interface Common {
  readonly stack?: string;
  readonly cwd: string;
  readonly json?: boolean;
}

/** What the stack's state has, as the Pulumi CLI gives it. Relative paths of keys start in the project's folder. */
export async function stackState(command: Command): Promise<StackState> {
  const { stack, cwd } = command.optsWithGlobals<Common>();
  // A script whose variable is empty means no stack, and not the one that is selected.
  if (stack?.trim() === "") throw new LvsError("--stack is empty: name the stack, or leave the option out");
  process.chdir(projectFolder(resolve(cwd)));
  const which = stack === undefined ? [] : ["--stack", stack];
  const words = ["stack", "export", "--show-secrets", "--non-interactive", ...which];
  try {
    const { stdout } = await promisify(execFile)("pulumi", words, { maxBuffer: 2 ** 30 });
    return readState(read(stdout));
  } catch (error) {
    if (error instanceof LvsError) throw error;
    throw new LvsError(reasonOf(error as { code?: unknown; stderr?: string; message: string }));
  }
}

/** Never the message of JSON.parse: it quotes the text, and that has the secrets of the state. */
function read(printed: string): unknown {
  try {
    return JSON.parse(printed);
  } catch {
    throw new LvsError(
      "reading the stack's state: what `pulumi stack export` printed is no JSON. Is the `pulumi` on the PATH a wrapper that " +
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
function reasonOf({ code, stderr, message }: { code?: unknown; stderr?: string; message: string }): string {
  if (code === "ENOENT") return "the Pulumi CLI is needed to read the stack's state, and no `pulumi` is on the PATH";
  if (stderr === undefined) return message;
  return `reading the stack's state by \`pulumi stack export\`: ${stderr.trim() || "it failed without a word"}`;
}
