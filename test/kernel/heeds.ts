import { readFileSync } from "node:fs";
import { constants } from "node:os";

/** Whether the process has a handler for the signal. Where it has none, as before it runs its own program, most signals end it. */
export function heeds(pid: number | undefined, signal: NodeJS.Signals): boolean {
  try {
    const [, caught = "0"] = /^SigCgt:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return ((BigInt(`0x${caught}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
  } catch {
    return false;
  }
}
