import type { Command } from "commander";

/** `completion` prints a script for a shell, and the script asks `complete`. Their answers come by `console.log`. */
export function isCompletion(args: readonly string[]): boolean {
  return args[0] === "completion" || args[0] === "complete";
}

/** `completion`: lets a shell complete commands and options. It completes what was added before it. */
export async function completion(program: Command): Promise<void> {
  const { default: tab } = await import("@bomb.sh/tab/commander");
  tab(program, { completionCommandName: "completion" });
  const own = program.commands.find((command) => command.name() === "completion");
  own?.description("the script with which a shell completes commands and options: eval it, or source it");
}
