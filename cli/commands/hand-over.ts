import type { Command } from "commander";
import {
  announceDirector,
  type GiveUpOptions,
  giveUpDirector,
  isAnnouncing,
  isDirector,
  type OperatorNote,
  othersAnnounce,
  type Resource,
  returnDirector,
  withdrawDirector,
} from "pulumi-lvs-provider/operations";
import { print, say } from "../ending";

/**
 * `drain` of a director: another one takes everything that floats, and the routers send nobody there any more. Where not both can be,
 * nothing is: it is seen first whether others announce, and what floats goes before anything is withdrawn.
 */
export async function giveUp(
  director: string,
  resources: readonly Resource[],
  command: Command,
  note: OperatorNote,
  how: GiveUpOptions,
): Promise<void> {
  const [floats, announces] = [isDirector(resources, director), isAnnouncing(resources, director)];
  // To withdraw looks by itself, which is too late where something has been given up before.
  if (floats && announces && !how.force) await othersAnnounce(director, resources);
  const instances = floats ? await giveUpDirector(director, resources, note, how) : undefined;
  const announcements = announces ? await withdrawDirector(director, resources, note, how) : undefined;
  tell(command, { director, instances, announcements }, [
    ...(instances ?? []).map(
      ({ instance, addresses, moved, holder = "no director" }) =>
        `${instance}: ${holder} ${moved ? "has taken" : "has"} ${addresses.join(", ")}`,
    ),
    ...(announcements ?? []).map(
      ({ announcement, changed }) => `${announcement}: ${changed ? "withdrawn" : "was withdrawn already"}`,
    ),
    `${director} is given up until \`pulumi-lvs return ${director}\``,
  ]);
}

/** `return` of a director: it stands by, and announces again. */
export async function takeBack(director: string, resources: readonly Resource[], command: Command): Promise<void> {
  const announcements = isAnnouncing(resources, director) ? await announceDirector(director, resources) : undefined;
  const instances = isDirector(resources, director) ? await returnDirector(director, resources) : undefined;
  tell(command, { director, instances, announcements }, [
    ...(instances ?? []).map(
      ({ instance, wasGivenUp, state }) =>
        `${instance}: ${wasGivenUp ? `${director} is back: ${state}` : "nothing to do"}`,
    ),
    ...(announcements ?? []).map(
      ({ announcement, changed }) => `${announcement}: ${changed ? "announced again" : "nothing to do"}`,
    ),
  ]);
}

/** Prints what has become of a director: as data where that is asked for, otherwise in lines. */
function tell(command: Command, data: object, lines: readonly string[]): void {
  if (command.optsWithGlobals().json) print(data);
  else say(lines.map((line) => `${line}\n`).join(""));
}
