import { setTimeout as sleep } from "node:timers/promises";

/** How long and how often to ask, in seconds. */
export interface Patience {
  /** The time for all attempts. The last attempt is made at its end. */
  readonly within: number;
  /** The pause between two attempts, or a function that gives the pause after so many attempts. */
  readonly every: number | ((times: number) => number);
}

/** Asks at once, and repeats this until an answer is enough or the time is up. Returns the last answer. */
export async function poll<Answer>(
  ask: () => Answer | Promise<Answer>,
  isEnough: (answer: Answer) => boolean,
  { within, every }: Patience,
): Promise<Answer> {
  const end = performance.now() + within * 1000;
  for (let times = 1; ; times++) {
    const answer = await ask();
    const left = end - performance.now();
    if (left <= 0 || isEnough(answer)) return answer;
    const pause = typeof every === "number" ? every : every(times);
    await sleep(Math.min(pause * 1000, left));
  }
}
