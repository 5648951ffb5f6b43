import { nextBatch, type Size, staying } from "../../../provider/workflows/rollout/batch";

const servers = ["a", "b", "c", "d"].map((address) => ({ address }));
const even = new Map(servers.map(({ address }) => [address, 1]));

const batches: [
  size: Size,
  weights: Record<string, number>,
  out: string[],
  waiting: string,
  spare: boolean,
  batch: string,
][] = [
  [1, {}, [], "abcd", true, "a"],
  [3, {}, [], "abcd", true, "abc"],
  // One is left in the service, unless it may be interrupted.
  [9, {}, [], "abcd", true, "abc"],
  [9, {}, [], "abcd", false, "abcd"],
  // The weights decide, and not the number.
  ["50%", {}, [], "abcd", true, "ab"],
  ["50%", { a: 3 }, [], "abcd", true, "a"],
  ["50%", { a: 3 }, [], "bcd", true, "bcd"],
  ["50%", { c: 0 }, [], "bcd", true, "bc"],
  ["33%", { a: 2, b: 2, c: 2 }, [], "dabc", true, "d"],
  ["34%", { a: 0 }, [], "bcd", true, "b"],
  // One that has more than the share goes alone.
  ["10%", {}, [], "abcd", true, "a"],
  ["10%", { a: 9 }, [], "abcd", true, "a"],
  // Those that stay out take room; those that wait there come first.
  [2, {}, ["d"], "abc", true, "a"],
  [1, {}, ["d"], "abc", true, ""],
  ["50%", {}, ["d"], "abc", true, "a"],
  ["25%", {}, ["d"], "abc", true, ""],
  [1, {}, ["a", "b"], "abcd", true, "a"],
  [2, {}, ["a", "b"], "abcd", true, "ab"],
  [3, {}, ["a"], "abcd", true, "abc"],
  // The last ones that serve are not taken out, because others are out.
  [3, { c: 0, d: 0 }, ["a"], "abcd", true, "a"],
];
test.each(batches)(
  "%s of %j, while %j are out and %s wait, spare %s: %s",
  (size, weights, out, waiting, spare, batch) => {
    const capacities = [new Map([...even, ...Object.entries(weights)])];
    const queue = servers.filter(({ address }) => waiting.includes(address));
    const ordered = [...waiting].map((one) => queue.find(({ address }) => address === one) as { address: string });
    const next = nextBatch(ordered, size, { out: new Set(out), capacities, spare });
    expect(next.map(({ address }) => address).join("")).toBe(batch);
  },
);

test("the service that has least decides, on any director", () => {
  const capacities = [
    even,
    new Map([
      ["a", 1],
      ["b", 1],
    ]),
  ];
  const situation = { out: new Set<string>(), capacities, spare: true };
  expect(nextBatch(servers, "50%", situation)).toEqual([{ address: "a" }]);
  expect(nextBatch(servers, 3, situation)).toEqual([{ address: "a" }]);
  expect([staying(new Set(["a"]), capacities), staying(new Set(["c"]), capacities)]).toEqual([50, 75]);
  expect([staying(new Set(["a", "b"]), capacities), staying(new Set(["a"]), [])]).toEqual([0, 100]);
});
