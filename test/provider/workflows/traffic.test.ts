import { distributionTable } from "../../../provider/workflows/traffic-check/distribution";
import { judge, type Result, tally } from "../../../provider/workflows/traffic-check/traffic";

/** "a rs1 rs1 -" means: client a saw rs1, rs1 and a failure, in this order. */
const seen = (...clients: string[]) =>
  tally(
    clients.flatMap((text) => {
      const [client = "", ...answers] = text.split(" ");
      return answers.map((server): Result => (server === "-" ? { client, failure: "cut" } : { client, server }));
    }),
  );

const persistence = { failures: 0, persistence: true };

test("persistence: every client has one server alone", () => {
  expect(judge(seen("a rs1 rs1", "b rs2 rs2"), persistence)).toEqual([]);
  expect(judge(seen("a rs1 rs2 rs2", "b rs2 rs2"), persistence)).toEqual([
    "a was answered by rs1 (1) and rs2 (2): persistence keeps a client on one server",
  ]);
});

test("persistence: a client whose failures are allowed still has to have a server", () => {
  const allowed = { ...persistence, failures: 9 };
  expect(judge(seen("a rs1 -", "b - -"), allowed)).toEqual(["b was answered by no server"]);
  expect(judge(seen("a rs1 -", "b - rs2"), allowed)).toEqual([]);
});

test.each([
  [["a rs1", "b rs2"], 2, []],
  [["a rs1 rs2"], 2, []],
  [["a rs1", "b rs1 rs1"], 2, ["1 different server answered, not at least 2: a by rs1, b by rs1"]],
  [["a rs1 rs2", "b rs1"], 3, ["2 different servers answered, not at least 3: a by rs1 and rs2, b by rs1"]],
  [["a rs1", "b -"], 2, ["1 different server answered, not at least 2: a by rs1, b by none"]],
  [["a rs1"], 0, []],
])("spread over all clients: %j of at least %d", (clients, spread, wrong) => {
  expect(judge(seen(...clients), { failures: 1, spread })).toEqual(wrong);
});

test("the table shows each client where there are several", () => {
  expect(distributionTable(seen("172.17.111.11 rs1 rs1", "172.17.111.9 rs2 rs2"), undefined).split("\n")).toEqual([
    "server  requests  share",
    "rs1            2   50 %",
    "rs2            2   50 %",
    "",
    "client         rs1  rs2",
    "172.17.111.11    2    0",
    "172.17.111.9     0    2",
  ]);
  expect(distributionTable(seen("a rs1", "b - -"), { rs1: 1, rs2: 0 }).split("\n")).toEqual([
    "server  requests  share  expected",
    "rs1            1  100 %     100 %",
    "rs2            0    0 %       0 %",
    "failed: 2 × cut",
    "",
    "client  rs1  rs2  failed",
    "a         1    0       0",
    "b         0    0       2",
  ]);
});
