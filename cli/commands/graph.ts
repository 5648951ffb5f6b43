import type { Command } from "commander";
import { print } from "../ending";
import { mermaid } from "../graph";
import { stackState } from "../stack";

/** `graph`: a picture of the stack's sites. */
export function graph(program: Command): void {
  program
    .command("graph")
    .description(
      "the sites as a flowchart of mermaid, from the state: the ways of requests and of answers; asks no host",
    )
    .action(async (_: unknown, command: Command) => {
      const picture = mermaid(await stackState(command));
      if (command.optsWithGlobals().json) print({ mermaid: picture });
      else process.stdout.write(picture);
    });
}
