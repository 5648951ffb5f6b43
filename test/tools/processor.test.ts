import { processorOf } from "../kernel/processor";

const allowed = (list: string) => `Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t${list}\nMems_allowed_list:\t0\n`;

test("workers take turns among the processors that they may use, ranges included", () => {
  const of = (worker: number) => processorOf(worker, allowed("2-3,8"));
  expect([1, 2, 3, 4].map(of)).toEqual(["3", "8", "2", "3"]);
});

test("one processor serves every worker", () => {
  expect([1, 2].map((worker) => processorOf(worker, allowed("5")))).toEqual(["5", "5"]);
});

test("this machine's are among those that it has", () => {
  expect(Number(processorOf(1))).toBeGreaterThanOrEqual(0);
});
