// Sleeping takes no time here: the clock moves on by what was slept. For `jest.mock("node:timers/promises", …)`.

let slept = 0;
const real = performance.now.bind(performance);
performance.now = () => real() + slept;

export async function setTimeout(milliseconds: number): Promise<void> {
  slept += milliseconds;
}
