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
import { print, say } from "../ending";

/** `drain` of a director: another one takes everything that floats. */
export async function giveUp(
  director: string,
  resources: readonly Resource[],
  command: Command,
  note: OperatorNote,
  how: GiveUpOptions,
): Promise<void> {
  const instances = await giveUpDirector(director, resources, note, how);
  tell(command, { director, instances }, [
    ...instances.map(
      ({ instance, addresses, moved, holder = "no director" }) =>
        `${instance}: ${holder} ${moved ? "has taken" : "has"} ${addresses.join(", ")}`,
    ),
    givenUp(director),
  ]);
}

/** `return` of a director: it stands by. */
export async function takeBack(director: string, resources: readonly Resource[], command: Command): Promise<void> {
  const instances = await returnDirector(director, resources);
  const lines = instances.map(
    ({ instance, wasGivenUp, state }) =>
      `${instance}: ${wasGivenUp ? `${director} is back: ${state}` : "nothing to do"}`,
  );
  tell(command, { director, instances }, lines);
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
  tell(command, { director, announcements }, [
    ...announcements.map(
      ({ announcement, changed }) => `${announcement}: ${changed ? "withdrawn" : "was withdrawn already"}`,
    ),
    givenUp(director),
  ]);
}

/** `return` of such a director. */
export async function announce(director: string, resources: readonly Resource[], command: Command): Promise<void> {
  const announcements = await announceDirector(director, resources);
  const lines = announcements.map(
    ({ announcement, changed }) => `${announcement}: ${changed ? "announced again" : "nothing to do"}`,
  );
  tell(command, { director, announcements }, lines);
}

function givenUp(director: string): string {
  return `${director} is given up until \`pulumi-lvs return ${director}\``;
}

/** Prints what has become of a director: as data where that is asked for, otherwise in lines. */
function tell(command: Command, data: object, lines: readonly string[]): void {
  if (command.optsWithGlobals().json) print(data);
  else say(lines.map((line) => `${line}\n`).join(""));
}
