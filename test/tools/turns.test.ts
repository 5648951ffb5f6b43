type Turns = typeof import("../../tools/test/turns.js", { with: { "resolution-mode": "import" }});

const { inTurn }: Turns = jest.requireActual("../../tools/test/turns");

const a = { name: "a", needsToolchain: false };
const b = { name: "b", needsToolchain: true };
const c = { name: "c", needsToolchain: false };
const d = { name: "d", needsToolchain: true };

/** Returns the order in which the turns are done, one at a time, if the tool chain is settled during this turn. */
async function order(settledDuring: string, how: "there" | "failed" = "there"): Promise<string[]> {
  let settle = () => {};
  const toolchain = new Promise<void>((resolve, reject) => {
    settle = () => (how === "there" ? resolve() : reject(new Error("no compiler")));
  });
  if (settledDuring === "before") settle();
  const done: string[] = [];
  let working = 0;
  await inTurn([a, b, c, d], 1, toolchain, async ({ name }) => {
    expect(++working).toBe(1);
    if (name === settledDuring) settle();
    await new Promise(setImmediate);
    done.push(name);
    working--;
  });
  return done;
}

test("a turn that waits for the tool chain keeps its place when the tool chain is there", async () => {
  expect(await order("a")).toEqual(["a", "b", "c", "d"]);
});

test("a turn that waits for the tool chain lets the others go before", async () => {
  expect(await order("c")).toEqual(["a", "c", "b", "d"]);
});

test("the last turn begins although the tool chain is not there, and awaits it", async () => {
  expect(await order("b")).toEqual(["a", "c", "b", "d"]);
});

test("a tool chain that failed holds up nobody", async () => {
  expect(await order("a", "failed")).toEqual(["a", "b", "c", "d"]);
});

test("whoever has ended takes the next turn", async () => {
  const done: string[] = [];
  const end: Record<string, () => void> = {};
  const all = inTurn([a, b, c, d], 2, Promise.resolve(), ({ name }) => {
    done.push(name);
    return new Promise((resolve) => {
      end[name] = resolve;
    });
  });
  await new Promise(setImmediate);
  expect(done.sort()).toEqual(["a", "c"]);
  end.c?.();
  await new Promise(setImmediate);
  expect(done).toEqual(["a", "c", "b"]);
  end.a?.();
  await new Promise(setImmediate);
  for (const name of ["b", "d"]) end[name]?.();
  await all;
  expect(done).toEqual(["a", "c", "b", "d"]);
});
