import { Progress } from "../../../provider/workflows/rollout/progress";
import { blocksOf } from "../../guide";

const [, runs = "", , waits = ""] = (blocksOf("docs/rollouts.md", "text")[0] ?? "").split("\n");

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("a line for each host that is done, and now and then who is waited for, what for and since when", () => {
  const said: string[] = [];
  const progress = new Progress(3, (words) => said.push(words));
  progress.waits("rs1", "until its connections end");
  progress.waits("rs2", "until its connections end");
  jest.advanceTimersByTime(20_000);
  progress.waits("rs2", "until it is ready");
  jest.advanceTimersByTime(10_000);
  progress.done("rs1", "runs it");
  progress.failed("rs2");
  jest.advanceTimersByTime(60_000);
  progress.waits("rs3", "until it is ready");
  jest.advanceTimersByTime(30_000);
  progress.end();
  jest.advanceTimersByTime(90_000);
  expect(said).toEqual([
    "0 of 3 done after 30 s; waiting for rs1 until its connections end (30 s), rs2 until it is ready (10 s)",
    "rs1 runs it: 1 of 3, after 30 s",
    "1 of 3 done after 120 s; waiting for rs3 until it is ready (30 s)",
  ]);
});

test("the lines of the guide come in its order, at its times", () => {
  const said: string[] = [];
  const progress = new Progress(8, (words) => said.push(`shop: ${words}`));
  progress.waits("rs1", "until its connections end");
  jest.advanceTimersByTime(6000);
  progress.done("rs1", "runs release 4f1c2ab09d3e, and is back in the table");
  jest.advanceTimersByTime(2000);
  for (const name of ["rs2", "rs3", "rs4"]) progress.waits(name, "until its connections end");
  jest.advanceTimersByTime(10_000);
  progress.waits("rs4", "until it is ready");
  progress.done("rs2", "runs it");
  jest.advanceTimersByTime(12_000);
  progress.end();
  expect(said).toEqual([runs, "shop: rs2 runs it: 2 of 8, after 18 s", waits]);
});
