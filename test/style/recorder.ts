import type { Command } from "../../provider/host/command";
import type { Script } from "./shellcheck";

type CommandModule = typeof import("../../provider/host/command");

/** A script, and whether it runs in the trip's own shell. */
export interface Recorded extends Script {
  readonly inline: boolean;
}

const recorded = new Map<string, Recorded>();

/** Every script that `sh` or `inline` has made since the provider was loaded, each once. */
export function recordedScripts(): Recorded[] {
  return [...recorded.values()];
}

/** The module with an `sh` and an `inline` that record their scripts. For `jest.mock`. */
export function recording(actual: CommandModule): CommandModule {
  const recorder =
    (make: "sh" | "inline") =>
    (text: string, ...args: string[]): Command => {
      const from = callerIn(new Error().stack ?? "");
      recorded.set(`${from}\n${text}`, { from, text, inline: make === "inline" });
      return actual[make](text, ...args);
    };
  return { ...actual, sh: recorder("sh"), inline: recorder("inline") };
}

/** Where the script was made: "provider/kinds/file.ts:84". */
function callerIn(stack: string): string {
  return /\/(provider\/\S+?\.ts:\d+)/.exec(stack)?.[1] ?? "unknown";
}
