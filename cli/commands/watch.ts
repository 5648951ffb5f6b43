import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { statusOf } from "pulumi-lvs-provider/operations";
import { number } from "../number";
import { stackState } from "../stack";
import { serverNames } from "../state";
import { statusText } from "../status-text";

/** `watch`: the directors' tables, again and again. */
export function watch(program: Command): void {
  program
    .command("watch")
    .description("the directors' tables, live; without a terminal, or with --json, one after the other")
    .option("--every <seconds>", "how often", number, 2)
    .option("--times <number>", "end after so many", number)
    .action(
      async ({ every, times = Number.POSITIVE_INFINITY }: { every: number; times?: number }, command: Command) => {
        const state = await stackState(command);
        const names = serverNames(state);
        for (let time = 1; time <= times; time++) {
          const found = await statusOf(state.resources, { tables: true });
          const at = new Date().toISOString();
          if (command.optsWithGlobals().json) process.stdout.write(`${JSON.stringify({ at, ...found })}\n`);
          // The terminal's screen is cleared: "erase below" after "cursor home".
          else process.stdout.write(`${process.stdout.isTTY ? "\x1b[H\x1b[J" : ""}${at}\n${statusText(found, names)}`);
          if (time < times) await setTimeout(every * 1000);
        }
      },
    );
}
