import type { Command } from "commander";
import {
  announceDirector,
  type GiveUpOptions,
  giveUpDirector,
  type OperatorNote,
  type Resource,
  returnDirector,
  withdrawDirector,
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

/** `drain` of a director that serves beside others: the routers send nobody there any more. */
export async function withdraw(
  director: string,
  resources: readonly Resource[],
  command: Command,
  note: OperatorNote,
  how: GiveUpOptions,
): Promise<void> {
  const announcements = await withdrawDirector(director, resources, note, how);
  if (command.optsWithGlobals().json) return print({ director, announcements });
  for (const { announcement, changed } of announcements)
    process.stdout.write(`${announcement}: ${changed ? "withdrawn" : "was withdrawn already"}\n`);
  process.stdout.write(`${director} is given up until \`pulumi-lvs return ${director}\`\n`);
}

/** `return` of such a director. */
export async function announce(director: string, resources: readonly Resource[], command: Command): Promise<void> {
  const announcements = await announceDirector(director, resources);
  if (command.optsWithGlobals().json) return print({ director, announcements });
  for (const { announcement, changed } of announcements)
    process.stdout.write(`${announcement}: ${changed ? "announced again" : "nothing to do"}\n`);
}
