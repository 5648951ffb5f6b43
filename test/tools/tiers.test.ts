const { chosenTiers, tiersHelp } =
  jest.requireActual<typeof import("../../tools/test/tiers.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/test/tiers",
  );

const QUICK = ["style", "units", "namespaces", "kernel"];

test.each([
  ["nothing said: all", [], [...QUICK, "lab"]],
  ["one", ["namespaces"], ["namespaces"]],
  ["several, in their own order", ["lab", "units"], ["units", "lab"]],
  ["quick: all but the lab", ["quick"], QUICK],
  ["quick and what it has already", ["kernel", "quick"], QUICK],
  ["quick and the lab", ["quick", "lab"], [...QUICK, "lab"]],
])("%s", (_, words, tiers) => {
  expect(chosenTiers(words)).toEqual(tiers);
});

test("an unknown word is an error that lists what there is", () => {
  expect(() => chosenTiers(["units", "unit", "toString"])).toThrow(
    "test: no tier unit, toString; there are style, units, namespaces, kernel, lab, quick",
  );
});

test("the help has a line for every word", () => {
  const words = tiersHelp()
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/ +/)[0]);
  expect(words).toEqual([...QUICK, "lab", "quick"]);
  expect(tiersHelp()).toContain("  quick       style, units, namespaces, kernel: ");
});
