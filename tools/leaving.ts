import { rmSync } from "node:fs";

/** The exit status for each signal: 128 and the signal's number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Calls `clear` when the process ends, also when a signal ends it. What is told last is called first: a program ends before
 * what it makes is removed. The function that is returned cancels this.
 */
export function whenLeaving(clear: () => void): () => void {
  const listeners = Object.entries(SIGNALS).map(([signal, status]) => [signal, () => process.exit(status)] as const);
  process.prependListener("exit", clear);
  for (const [signal, leave] of listeners) process.on(signal, leave);
  return () => {
    process.off("exit", clear);
    for (const [signal, leave] of listeners) process.off(signal, leave);
  };
}

/**
 * Removes a folder into which programs wrote that were just killed: they may write for a moment yet. The retries of `rmSync`
 * itself do not look again at what there is.
 */
export function removeAfterKill(folder: string): void {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tries === 100) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

/** Ends this process when the npm that started it has ended. A killed npm does not tell its children. */
export function leaveWithNpm(): void {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 1000).unref();
}
