type Again = typeof import("../../tools/test/again.js", { with: { "resolution-mode": "import" }});
type Tested = Parameters<Again["filesToTryAgain"]>[0][number];

const { filesToTryAgain, withSecond }: Again = jest.requireActual("../../tools/test/again");

/** "drain.1 failed" is the first test of the file "drain". */
const tested = (words: string): Tested => {
  const [name = "", status = "passed"] = words.split(" ");
  const [file = ""] = name.split(".");
  return { tier: "kernel", name, status: status as Tested["status"], seconds: 1, ...(file !== "lint" && { file }) };
};
const told = (tests: readonly Tested[]) => tests.map(({ name, status }) => `${name} ${status}`);

test.each<[string, string[], string[]]>([
  ["nothing failed", ["drain.1", "nat.1 skipped"], []],
  ["two tests of one file failed", ["drain.1 failed", "drain.2 failed", "nat.1"], ["drain"]],
  ["three files failed", ["a.1 failed", "b.1 failed", "c.1 failed"], ["a", "b", "c"]],
  ["four files failed", ["a.1 failed", "b.1 failed", "c.1 failed", "d.1 failed"], []],
  ["something else failed as well", ["drain.1 failed", "lint failed"], []],
])("%s: what is tried again", (_, tests, files) => {
  expect(filesToTryAgain(tests.map(tested))).toEqual(files);
});

test.each<[string, string[], string[], string[]]>([
  [
    "passes then is told",
    ["drain.1 passed", "drain.2 passed"],
    ["nat.1 passed", "drain.1 passed", "drain.2 passed"],
    ["drain.1 failed"],
  ],
  [
    "fails again has failed",
    ["drain.1 failed", "drain.2 passed"],
    ["nat.1 passed", "drain.1 failed", "drain.2 passed"],
    [],
  ],
  [
    "passed at first, and fails then, has failed",
    ["drain.1 passed", "drain.2 failed"],
    ["nat.1 passed", "drain.1 passed", "drain.2 failed"],
    ["drain.1 failed"],
  ],
  [
    "is skipped then has failed",
    ["drain.1 skipped", "drain.2 passed"],
    ["nat.1 passed", "drain.1 failed", "drain.2 passed"],
    [],
  ],
  ["is not there any more has failed", ["drain.2 passed"], ["nat.1 passed", "drain.1 failed", "drain.2 passed"], []],
  ["was not tried again has failed", [], ["drain.1 failed", "drain.2 passed", "nat.1 passed"], []],
])("what %s", (_, second, counted, alone) => {
  const first = ["drain.1 failed", "drain.2 passed", "nat.1 passed"].map(tested);
  const { tests, passedAlone } = withSecond(first, second.map(tested));
  expect(told(tests)).toEqual(counted);
  expect(told(passedAlone)).toEqual(alone);
});

test("a second try that cannot run has failed, and everything else counts as before", () => {
  const first = ["lint", "drain.1 failed", "nat.1"].map(tested);
  const { tests, passedAlone } = withSecond(
    first,
    [tested("lint failed")].map((one) => ({ ...one, name: "not run" })),
  );
  expect(told(tests)).toEqual(["lint passed", "drain.1 failed", "nat.1 passed", "not run failed"]);
  expect(passedAlone).toEqual([]);
});
