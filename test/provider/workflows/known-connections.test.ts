import type { Script } from "../../../provider/host/command";
import { untilKnown } from "../../../provider/workflows/failover/known-connections";

// Before a director hands its addresses over, each of those that may take over knows its open connections.

const [ONE, TWO] = ["TCP 0A000015 9C40 0A000009 0050 0A00000B 0050", "TCP 0A000016 9C40 0A000009 0050 0A00000B 0050"];
let mockKnown: Record<string, readonly string[]>;

/** A director as a list of connections: prints its own, or those of the input that it has ("1") or has not. */
jest.mock("../../../provider/host/pool", () => ({
  withSession: ({ name }: { name: string }, work: (session: object) => unknown) => {
    const own = mockKnown[name] ?? [];
    const answer = ({ argv, stdin }: { argv: string[]; stdin?: string }) => {
      const asked = stdin?.split("\n").filter(Boolean);
      return asked?.filter((it) => own.includes(it) === (argv.at(-1) === "1")) ?? own;
    };
    const run = async ({ looks = [] }: Script) => ({
      looks: looks.map((look) => ({ exit: 0, stdout: answer(look as never).join("\n"), stderr: "" })),
    });
    return work({ name, run });
  },
}));

const host = (name: string) => ({ name }) as never;
const until = (heirs: readonly string[], onTimeout: "fail" | "cut" = "fail") =>
  untilKnown(host("d1"), heirs.map(host), { timeout: 0, onTimeout });

test("what every heir knows may go", async () => {
  mockKnown = { d1: [ONE, TWO], d2: [ONE, TWO], d3: [TWO, ONE] };
  await until(["d2", "d3"]);
});

test.each([
  ["the first", { d2: [ONE], d3: [ONE, TWO] }],
  ["the last", { d2: [ONE, TWO], d3: [ONE] }],
])("what %s of two heirs does not know is cut, and told", async (_, known) => {
  mockKnown = { d1: [ONE, TWO], ...known };
  const told = /1 open connection of 10\.0\.0\.22: not known to d2 or d3/;
  await expect(until(["d2", "d3"])).rejects.toThrow(told);
  const said = jest.spyOn(console, "log").mockImplementation(() => {});
  await until(["d2", "d3"], "cut");
  expect(said.mock.calls.join()).toMatch(told);
});
