import { namesOf } from "../../../cli/adopt/names";
import { readSavedRules } from "../../../cli/adopt/saved-rules";
import { parseTable } from "../../../provider/ipvs/ipvsadm";
import { SAVED_CASES } from "./saved-rules";

const names = namesOf("http 80/tcp www\n", "");

test.each(SAVED_CASES)("$rules", ({ rules, table, told = [] }) => {
  const read = readSavedRules(rules, names, "r");
  expect(read.told.map(({ message }) => message)).toEqual(
    told.map((one) => expect.stringContaining(`r:${one.split(". ")[0]}`)),
  );
  for (const [at, one] of told.entries()) expect(read.told[at]?.message).toContain(one.split(". ").at(-1));
  expect(read.table).toEqual(parseTable({ saved: table.join("\n"), listing: "", thresholds: "" }));
  expect(Object.keys(read.lines)).toEqual(Object.keys(read.table));
});

test("what a unit does besides the table is told, and ends nothing", () => {
  const { told, table } = readSavedRules(
    "--set 3600 0 0\n--start-daemon master --syncid 4\n-A -f 9 -s rr\n",
    names,
    "r",
  );
  expect(told.map(({ message }) => message)).toEqual([
    expect.stringContaining("r:1: ipvsadm's unit does this at boot as well (--set)"),
    expect.stringContaining("r:2: ipvsadm's unit does this at boot as well (--start-daemon)"),
  ]);
  expect(Object.keys(table)).toEqual(["-f 9"]);
});
