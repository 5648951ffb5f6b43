import { CommanderError } from "commander";
import { harmless } from "./text";

/** The exit statuses of the command. */
export const EXIT = { done: 0, failed: 1, usage: 2, differs: 3 } as const;

/** Tells why the command failed. Returns the exit status. */
export function failed(error: unknown, json: boolean): number {
  // commander has printed these itself on standard error: help, which is no failure, and wrong words.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done;
    // Without a command it has printed its help, and has no word for that.
    const isBare = error.code === "commander.help";
    if (json) print({ error: isBare ? "no command: say which one" : error.message.replace(/^error: /, "") });
    return EXIT.usage;
  }
  const reason = error instanceof Error ? error.message : String(error);
  if (json) print({ error: reason });
  else process.stderr.write(harmless(`${reason}\n`));
  return EXIT.failed;
}

/** Prints the answer as lines. */
export function say(text: string): void {
  process.stdout.write(harmless(text));
}

/** Prints the answer as JSON. */
export function print(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}

/**
 * Nobody may be there to read, as after `| head`. What a command does on hosts comes to its end all the same. What only shows
 * ends with its reader.
 */
export function endWithReader(): void {
  const broken = (end: () => void) => (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    end();
  };
  // Answers are written last, so the exit status is there.
  process.stdout.on(
    "error",
    broken(() => process.exit()),
  );
  process.stderr.on(
    "error",
    broken(() => {}),
  );
}
