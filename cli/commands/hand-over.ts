import type { Command } from "commander";
import {
  type GiveUpOptions,
  giveUpDirector,
  type OperatorNote,
  type Resource,
  returnDirector,
} from "pulumi-lvs-provider/operations";
import { print } from "../ending";

/** `drain` of a director: another one takes everything that floats. */
export async function giveUp(
  director: string,
  resources: readonly Resource[],
  command: Command,
  note: OperatorNote,
  how: GiveUpOptions,
): Promise<void> {
  const instances = await giveUpDirector(director, resources, note, how);
  if (command.optsWithGlobals().json) return print({ director, instances });
  for (const { instance, addresses, moved, holder = "no director" } of instances)
    process.stdout.write(`${instance}: ${holder} ${moved ? "has taken" : "has"} ${addresses.join(", ")}\n`);
  process.stdout.write(`${director} is given up until \`pulumi-lvs return ${director}\`\n`);
}

/** `return` of a director: it stands by. */
export async function takeBack(director: string, resources: readonly Resource[], command: Command): Promise<void> {
  const instances = await returnDirector(director, resources);
  if (command.optsWithGlobals().json) return print({ director, instances });
  for (const { instance, wasGivenUp, state } of instances)
    process.stdout.write(`${instance}: ${wasGivenUp ? `${director} is back: ${state}` : "nothing to do"}\n`);
}
