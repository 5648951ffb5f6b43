/** Milliseconds of the longest timer. Node.js fires a timer for longer at once (setTimeout: "larger than 2147483647"). */
const LONGEST = 2 ** 31 - 1;

/** Calls `act` after so many milliseconds, 24.8 days at most. */
export function after(milliseconds: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, Math.min(milliseconds, LONGEST));
}
