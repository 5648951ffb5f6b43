import { setImmediate } from "node:timers/promises";

/**
 * Lets everything else of the process have its turn: other hosts' answers, the engine's questions. One process serves many
 * resources at once, and a declaration of ten thousand destinations takes tens of milliseconds at each stage: to check, to read
 * from the host's answer, to plan, to report. So there is a turn between any two stages.
 */
export async function giveWay(): Promise<void> {
  await setImmediate();
}
