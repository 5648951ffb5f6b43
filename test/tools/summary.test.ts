type Summary = typeof import("../../tools/test/summary.js", { with: { "resolution-mode": "import" }});
type Tested = Parameters<Summary["countsLine"]>[0][number];

const { countsLine, failures, isGood, timesTable }: Summary = jest.requireActual("../../tools/test/summary");

const tested = (name: string, seconds = 0, more: Partial<Tested> = {}): Tested => ({
  ...{ tier: "units", name, status: "passed", seconds },
  ...more,
});

test.each([
  [[], "0 passed, 0 failed", false],
  [["passed"], "1 passed, 0 failed", true],
  [["passed", "failed", "passed"], "2 passed, 1 failed", false],
  [["passed", "skipped"], "1 passed, 0 failed, 1 skipped", true],
  [["skipped"], "0 passed, 0 failed, 1 skipped", false],
] as const)("%j: %s, good: %s", (statuses, line, good) => {
  const tests = statuses.map((status) => tested("one", 0, { status }));
  expect(countsLine(tests)).toBe(line);
  expect(isGood(tests)).toBe(good);
});

test("the table has the tiers with their times and counts, then the ten slowest tests, which are not those skipped", () => {
  const tests = [
    tested("skipped", 500, { status: "skipped" }),
    ...Array.from({ length: 12 }, (_, i) => tested(`of ${i} s`, i)),
    tested("sleeps", 57.44, { tier: "namespaces" }),
    tested("fails", 725.2, { tier: "namespaces", status: "failed" }),
  ];
  const times = new Map([
    ["units", { seconds: 59.94 }],
    ["namespaces", { seconds: 119.7 }],
  ] as const);
  expect(timesTable(times, tests)).toBe(`The tiers
  units        59.9 s    12 passed, 0 failed, 1 skipped
  namespaces   2:00 min  1 passed, 1 failed

The slowest tests
  namespaces  12:05 min  fails
  namespaces   57.4 s    sleeps
  units        11.0 s    of 11 s
  units        10.0 s    of 10 s
  units         9.0 s    of 9 s
  units         8.0 s    of 8 s
  units         7.0 s    of 7 s
  units         6.0 s    of 6 s
  units         5.0 s    of 5 s
  units         4.0 s    of 4 s`);
});

test("what failed stands at the end once more, with the first lines of its reason", () => {
  const lines = Array.from({ length: 32 }, (_, i) => `line ${i}`);
  const tests = [
    tested("passes"),
    tested("fails", 1, { status: "failed", why: "Expected: 1\n\nReceived: 2" }),
    tested("cannot be run", 0, { status: "failed" }),
    tested("says much", 0, { status: "failed", why: lines.join("\n") }),
  ];
  expect(failures(tests)).toBe(`
What failed
  fails
    Expected: 1
    Received: 2
  cannot be run
  says much
${lines
  .slice(0, 30)
  .map((line) => `    ${line}`)
  .join("\n")}
    (2 lines more above)
`);
  expect(failures([tested("passes")])).toBe("");
});

test("what passed only alone is told with its first reason", () => {
  const first = tested("drains", 1, { status: "failed", why: "Expected: 0\nReceived: 1" });
  expect(failures([tested("drains")], [first])).toBe(`
What failed beside other tests, and passed alone
  drains
    Expected: 0
    Received: 1
`);
});
