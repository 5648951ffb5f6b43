import type { Command, Session } from "../../provider/host/command";
import type { Until } from "../../provider/reconcile/kind";
import { runSteps } from "../../provider/reconcile/steps";

/** A host whose destination keeps its connection open. */
function busy() {
  const ran: string[] = [];
  const reply = ({ argv }: Command) => {
    ran.push(argv.join(" "));
    return { exit: 0, stdout: "", stderr: "" };
  };
  const session: Session = {
    name: "director",
    run: async ({ steps = [], looks = [] }) => ({ machine: "", steps: steps.map(reply), looks: looks.map(reply) }),
    upload: async () => {},
    reconnect: async () => {},
  };
  return { session, ran };
}

const command = (...argv: string[]): Command => ({ argv });

function drain(more: Partial<Until>) {
  const until = { look: command("look"), missing: () => "1 connection is open", within: 0, ...more };
  return [
    { run: command("quiet"), purpose: "draining", until },
    { run: command("delete"), purpose: "deleting" },
  ];
}

beforeEach(() => jest.spyOn(console, "log").mockImplementation(() => {}));
afterEach(() => jest.restoreAllMocks());

test("at the bound it gives up: the step is undone and fails, and what follows it does not run", async () => {
  const { session, ran } = busy();
  const { failure } = await runSteps(session, "it", drain({ giveUp: [command("restore")] }), []);
  expect(failure?.message).toBe("host director: draining: 1 connection is open, after 0 s");
  expect(ran).toEqual(["quiet", "look", "restore"]);
});

test("at the bound it goes on, if told to cut", async () => {
  const { session, ran } = busy();
  expect((await runSteps(session, "it", drain({ goOn: true }), [])).failure).toBeUndefined();
  expect(ran).toEqual(["quiet", "look", "delete"]);
});
