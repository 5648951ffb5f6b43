import type { Command } from "../../provider/host/command";
import type { Script } from "./shellcheck";

type CommandModule = typeof import("../../provider/host/command");

const recorded = new Map<string, Script>();

/** Every script that `sh` has made since the provider was loaded, each once. */
export function recordedScripts(): Script[] {
  return [...recorded.values()];
}

/** The module with an `sh` that records its scripts. For `jest.mock`. */
export function recording(actual: CommandModule): CommandModule {
  const sh = (text: string, ...args: string[]): Command => {
    const from = callerIn(new Error().stack ?? "");
    recorded.set(`${from}\n${text}`, { from, text });
    return actual.sh(text, ...args);
  };
  return { ...actual, sh };
}

/** Where the script was made: "provider/kinds/file.ts:84". */
function callerIn(stack: string): string {
  return /\/(provider\/\S+?\.ts:\d+)/.exec(stack)?.[1] ?? "unknown";
}
