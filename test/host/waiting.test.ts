import { Waiting } from "../../provider/host/waiting";

let said: string[];
beforeEach(() => {
  said = [];
  jest.spyOn(console, "log").mockImplementation((line) => said.push(String(line)));
});
afterEach(() => jest.restoreAllMocks());

test("what is waited for is told at once, when it has changed, and once a minute, but not all the time", () => {
  const waiting = new Waiting("host rs1: draining");
  for (let second = 0; second <= 200; second++) waiting.tell(`${second < 90 ? 90 - second : 1} open`, second);
  expect(said).toEqual([
    "host rs1: draining: 90 open",
    ...[10, 20, 30, 40, 50, 60, 70, 80].map((second) => `host rs1: draining: ${90 - second} open, for ${second} s`),
    ...[90, 150].map((second) => `host rs1: draining: 1 open, for ${second} s`),
  ]);
});

test("a short wait is not told where nobody would ask", () => {
  const waiting = new Waiting("host rs1: booting", 15);
  for (let second = 0; second < 15; second++) waiting.tell("refused", second);
  expect(said).toEqual([]);
  waiting.tell("refused", 15);
  expect(said).toEqual(["host rs1: booting: refused, for 15 s"]);
});
