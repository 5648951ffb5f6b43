const { Stopwatch } =
  jest.requireActual<typeof import("../../tools/test/stopwatch.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/test/stopwatch",
  );

/** Work that goes on until the test ends it. */
function work() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, ended };
}

test("what goes on at the same time counts once, and pauses do not", async () => {
  let now = 5_000;
  const watch = new Stopwatch(() => now);
  const [one, other] = [work(), work()];
  const first = watch.during(() => one.ended);
  now += 1_000;
  const second = watch.during(() => other.ended);
  now += 2_000;
  one.end();
  await first;
  now += 4_000;
  expect(watch.seconds).toBe(0);
  other.end();
  await second;
  expect(watch.seconds).toBe(7);
  now += 60_000;
  await watch.during(async () => {
    now += 500;
  });
  expect(watch.seconds).toBe(7.5);
});

test("what fails counts, too, and fails", async () => {
  let now = 0;
  const watch = new Stopwatch(() => now);
  const failing = watch.during(async () => {
    now += 3_000;
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(watch.seconds).toBe(3);
});
