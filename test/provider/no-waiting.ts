// Sleeping takes no time here: the clock moves on by what was slept. For `jest.mock("node:timers/promises", …)`.

let slept = 0;
const real = Date.now.bind(Date);
Date.now = () => real() + slept;

export async function setTimeout(milliseconds: number): Promise<void> {
  slept += milliseconds;
}
