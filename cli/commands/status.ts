import type { Command } from "commander";
import { statusOf } from "pulumi-lvs-provider/operations";
import { EXIT, print, say } from "../ending";
import { stackState } from "../stack";
import { serverNames } from "../state";
import { isWell, statusText } from "../status-text";

/** `status`: what every host of the stack says now. */
export function status(program: Command): void {
  program
    .command("status")
    .description("directors, services and destinations with their traffic; what is out, and what is not as declared")
    .action(async (_: unknown, command: Command) => {
      const state = await stackState(command);
      const found = await statusOf(state.resources);
      if (command.optsWithGlobals().json) print(found);
      else say(statusText(found, serverNames(state, found)));
      process.exitCode = isWell(found) ? EXIT.done : EXIT.differs;
    });
}
