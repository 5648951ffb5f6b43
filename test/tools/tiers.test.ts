const { chosen, chosenTiers } =
  jest.requireActual<typeof import("../../tools/test/tiers.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/test/tiers",
  );

const QUICK = ["style", "units", "namespaces", "kernel"];

test.each([
  ["nothing said: all", [], [...QUICK, "engine", "lab"]],
  ["one", ["namespaces"], ["namespaces"]],
  ["several, in their own order", ["lab", "units"], ["units", "lab"]],
  ["quick: all but the engine and the lab", ["quick"], QUICK],
  ["quick and what it has already", ["kernel", "quick"], QUICK],
  ["quick and the lab", ["quick", "lab"], [...QUICK, "lab"]],
])("%s", (_, words, tiers) => {
  expect(chosenTiers(words)).toEqual(tiers);
});

test.each([
  ["nothing said: all", [], [...QUICK, "engine", "lab"]],
  ["quick: of no tier", ["quick"], []],
  ["a tier by its name", ["kernel", "units"], ["units", "kernel"]],
  ["quick and a tier by its name", ["quick", "kernel"], ["kernel"]],
])("long files run, too: %s", (_, words, tiers) => {
  expect(chosen(words).whole).toEqual(tiers);
});

test("an unknown word is an error that lists what there is", () => {
  expect(() => chosenTiers(["units", "unit", "toString"])).toThrow(
    "test: no tier unit, toString; there are style, units, namespaces, kernel, engine, lab, quick",
  );
});

test.each([
  ["test/kernel/dr.test.ts", "kernel"],
  ["test/namespaces/arp.test.ts", "namespaces"],
  ["test/engine/ways.test.ts", "engine"],
  ["test/lab/nat.test.ts", "lab"],
  ["test/provider/cases.test.ts", "units"],
  ["test/shell.test.ts", "units"],
])("%s is a file of the tier %s", (file, tier) => {
  expect(chosen([`./${file}`])).toMatchObject({ tiers: [tier], files: [file] });
});

test("files of several tiers", () => {
  const files = ["test/kernel/dr.test.ts", "test/shell.test.ts"];
  const { tiers, whole } = chosen(files);
  expect(tiers).toEqual(["units", "kernel"]);
  expect(whole).toEqual([...QUICK, "engine", "lab"]);
});

test("files and tiers at the same time are refused, and so is a file that is not there", () => {
  expect(() => chosen(["units", "test/shell.test.ts"])).toThrow('leave out "units", or the files');
  expect(() => chosen(["test/shall.test.ts"])).toThrow("test: no file test/shall.test.ts");
});
