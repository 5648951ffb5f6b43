type Table = typeof import("../../tools/bench-table.js", { with: { "resolution-mode": "import" }});
type Figure = Parameters<Table["table"]>[0][number];

const { table }: Table = jest.requireActual("../../tools/bench-table");

const figure = (scenario: string, tool: string, ...seconds: number[]): Figure => ({
  ...{ scenario, tool, seconds },
  counts: "",
});
const rows = (text: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2);

test("the median stands between the least and the most, and is compared with the peer", () => {
  const ours = figure("first", "ours", 3, 1, 8, 2, 9);
  expect(rows(table([ours, figure("first", "bare ssh", 2), figure("again", "ours", 5)], ""))).toEqual([
    "| first | ours | 3.00 (1.00 to 9.00) | 1.50 × bare ssh |  |",
    "|  | bare ssh | 2.00 (2.00 to 2.00) |  |  |",
    "| again | ours | 5.00 (5.00 to 5.00) |  |  |",
  ]);
});

test("one question replaces its own figures, and the others stay", () => {
  const before = table([figure("first", "ours", 4), figure("first", "bare ssh", 2), figure("large", "ours", 7)], "");
  // A formatter may have filled the columns with spaces.
  const filled = before.replaceAll(" |", "    |");
  expect(rows(table([figure("first", "ours", 3), figure("new", "ours", 1)], filled))).toEqual([
    "| first | ours | 3.00 (3.00 to 3.00) | 1.50 × bare ssh |  |",
    "|  | bare ssh | 2.00 (2.00 to 2.00) |  |  |",
    "| large | ours | 7.00 (7.00 to 7.00) |  |  |",
    "| new | ours | 1.00 (1.00 to 1.00) |  |  |",
  ]);
});

test("figures of another machine do not stay", () => {
  const before = table([figure("large", "ours", 7)], "").replace(/\d+ × /, "96 × ");
  expect(rows(table([figure("first", "ours", 3)], before))).toEqual(["| first | ours | 3.00 (3.00 to 3.00) |  |  |"]);
});
