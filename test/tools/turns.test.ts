type Turns = typeof import("../../tools/test/turns.js", { with: { "resolution-mode": "import" }});

const { inTurn }: Turns = jest.requireActual("../../tools/test/turns");

const turn = (name: string, needsToolchain = false, share = 1) => ({ name, needsToolchain, share });

const TURNS = [turn("a"), turn("b", true), turn("c"), turn("d", true)];

/** Returns the order in which the turns are done, one at a time, if the tool chain is settled during this turn. */
async function order(settledDuring: string, how: "there" | "failed" = "there"): Promise<string[]> {
  let settle = () => {};
  const toolchain = new Promise<void>((resolve, reject) => {
    settle = () => (how === "there" ? resolve() : reject(new Error("no compiler")));
  });
  if (settledDuring === "before") settle();
  const done: string[] = [];
  let working = 0;
  await inTurn(TURNS, toolchain, async ({ name }) => {
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

/** Turns that end when they are told to. */
function told(...turns: ReturnType<typeof turn>[]) {
  const working: string[] = [];
  const end = new Map<string, () => void>();
  const all = inTurn(turns, Promise.resolve(), ({ name }) => {
    working.push(name);
    return new Promise((resolve) => {
      end.set(name, resolve);
    });
  });
  const now = async (ended?: string) => {
    if (ended !== undefined) {
      end.get(ended)?.();
      working.splice(working.indexOf(ended), 1);
    }
    await new Promise(setImmediate);
    return working.join("");
  };
  return { all, now };
}

test("whoever has ended makes room for the next turn", async () => {
  const { all, now } = told(...["a", "b", "c", "d"].map((name) => turn(name, false, 1 / 2)));
  expect(await now()).toBe("ab");
  expect(await now("b")).toBe("ac");
  expect(await now("a")).toBe("cd");
  expect(await now("c")).toBe("d");
  expect(await now("d")).toBe("");
  await all;
});

test("what takes half of the machine has at most one beside it, and of thirds there are three", async () => {
  const halves = [turn("a", false, 1 / 2), turn("b", false, 1 / 2)];
  const { all, now } = told(...halves, ...["c", "d", "e", "f"].map((name) => turn(name, false, 1 / 3)));
  expect(await now()).toBe("ab");
  expect(await now("a")).toBe("bc");
  expect(await now("b")).toBe("cde");
  expect(await now("d")).toBe("cef");
  for (const name of ["c", "e"]) await now(name);
  expect(await now("f")).toBe("");
  await all;
});

test("a turn that fails fails the whole", async () => {
  const work = ({ name }: { name: string }) => (name === "b" ? Promise.reject(new Error("no")) : Promise.resolve());
  await expect(inTurn([turn("a"), turn("b")], Promise.resolve(), work)).rejects.toThrow("no");
});
