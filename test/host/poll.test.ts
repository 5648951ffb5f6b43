import { poll } from "../../provider/host/poll";

jest.mock("node:timers/promises", () => jest.requireActual("../provider/no-waiting"));

/** A question whose answer grows by one each time, and the seconds at which it was asked. */
function counting() {
  const began = performance.now();
  const at: number[] = [];
  return { at, ask: () => at.push(Math.round((performance.now() - began) / 100) / 10) };
}

test("poll asks at once, and asks no more when the answer is good", async () => {
  const { at, ask } = counting();
  expect(await poll(ask, (times) => times === 1, { within: 10, every: 1 })).toBe(1);
  expect(at).toEqual([0]);
});

test("poll asks until the answer is good", async () => {
  const { at, ask } = counting();
  expect(
    await poll(
      async () => ask(),
      (times) => times === 3,
      { within: 10, every: 2 },
    ),
  ).toBe(3);
  expect(at).toEqual([0, 2, 4]);
});

test("poll asks for the last time when the time is up, and returns the last answer", async () => {
  const { at, ask } = counting();
  expect(await poll(ask, () => false, { within: 5, every: 2 })).toBe(4);
  expect(at).toEqual([0, 2, 4, 5]);
});

test("poll without any time asks once", async () => {
  const { at, ask } = counting();
  expect(await poll(ask, () => false, { within: 0, every: 2 })).toBe(1);
  expect(at).toEqual([0]);
});

test("the pauses may grow", async () => {
  const { at, ask } = counting();
  await poll(ask, (times) => times === 4, { within: 60, every: (times) => Math.min(times, 2) });
  expect(at).toEqual([0, 1, 3, 5]);
});

test.each([3_600_000, -3_600_000])("the time of day may be set by %d ms meanwhile", async (by) => {
  const { at, ask } = counting();
  const today = Date.now();
  const clock = jest.spyOn(Date, "now").mockImplementation(() => today + (at.length > 1 ? by : 0));
  await poll(ask, () => false, { within: 5, every: 2 });
  clock.mockRestore();
  expect(at).toEqual([0, 2, 4, 5]);
});

test("an error is no answer: poll ends", async () => {
  const ask = jest.fn().mockRejectedValue(new Error("refused"));
  await expect(poll(ask, () => true, { within: 60, every: 1 })).rejects.toThrow("refused");
  expect(ask).toHaveBeenCalledTimes(1);
});
