import { setTimeout as sleep } from "node:timers/promises";

/** How long something is waited for, in seconds. */
export interface Patience {
  /** When the time is up, it is asked once more. */
  readonly within: number;
  /** Between two times; or what comes after so many times. */
  readonly every: number | ((times: number) => number);
}

/** Asks at once and then again and again, until an answer is enough or the time is up. Returns the last answer. */
export async function poll<Answer>(
  ask: () => Answer | Promise<Answer>,
  isEnough: (answer: Answer) => boolean,
  { within, every }: Patience,
): Promise<Answer> {
  const end = Date.now() + within * 1000;
  for (let times = 1; ; times++) {
    const answer = await ask();
    const left = end - Date.now();
    if (left <= 0 || isEnough(answer)) return answer;
    const pause = typeof every === "number" ? every : every(times);
    await sleep(Math.min(pause * 1000, left));
  }
}
