import { HostError } from "../../provider/host/errors";
import { kinds } from "../../provider/kinds";
import type { Handler } from "../../provider/pulumi/handler";
import { kindHandler } from "../../provider/pulumi/kind-handler";
import type { Kind } from "../../provider/reconcile/kind";
import { makeDirector } from "./ldirectord-host";
import { MemoryHost } from "./memory-host";
import { KEY, onMemoryHost, said, value } from "./one-setting";

jest.mock("../../provider/host/pool", () => ({
  // Not before it is asked: the pool's file imports what is tested here.
  withSession: ({ name }: { name: string }, work: (session: unknown) => unknown) =>
    mockHosts[name]?.(work) ?? require("./one-setting").pool.withSession(undefined, work),
}));
const mockHosts: Record<string, (work: (session: unknown) => unknown) => unknown> = {};
const { withSession } = require("../../provider/host/pool");
const { whyDrained } = require("../../provider/workflows/rollout/why-drained");

const AT = "-t 10.0.0.9:80";
const down = () => Promise.reject(new HostError("host memory: not reachable within 1 s", "unreachable"));

onMemoryHost("a change on a real server that is down", () => {
  let director: MemoryHost;
  beforeEach(() => {
    director = new MemoryHost("director");
    makeDirector(director);
    director.write("/run/units/ldirectord.service/active", "inactive\n");
    director.write("/run/table", `-A ${AT} -s rr\n-a ${AT} -r 10.0.0.11:80 -g -w 0\n`);
    mockHosts.director = (work) => work(director);
    delete mockHosts.memory;
  });
  afterEach(() => {
    delete process.env.PULUMI_LVS_FORGET;
    director[Symbol.dispose]();
  });

  const drained = () => {
    director.write("/var/lib/lvs/maintenance/10.0.0.11", `${AT}|10.0.0.11:80|1\n`);
    director.write("/var/lib/lvs/maintenance/.10.0.0.11.why", '{"reason":"a disk","by":"me","since":"2026"}\n');
  };
  const handler = kindHandler(kinds.get("Sysctl") as Kind, whyDrained(withSession)) as Required<Handler>;
  const behind = { address: "10.0.0.11", directors: [{ name: "director" }] };
  const checked = async (to: string) => {
    const host = { name: "memory", address: "192.0.2.1" };
    const { inputs, failures } = await handler.check({}, { key: KEY, value: to, host, owner: "p/s/r", behind });
    expect([failures, "behind" in inputs]).toEqual([[], false]);
    return inputs;
  };
  const create = async () => (await handler.create(await checked("1"))).outs;

  test("is left for later where an operator has drained it, and made when it is back", async () => {
    drained();
    const state = await create();
    mockHosts.memory = down;
    const news = await checked("2");
    const { outs } = await handler.update("id", state, news);
    expect(outs).toMatchObject({ value: "1", claim: state.claim, machine: state.machine, incomplete: true });
    expect(said).toEqual([
      `warning: host memory (192.0.2.1:22): not reachable (drained by me: a disk): Sysctl ${KEY} stays as it is until the next \`up\` that reaches the host`,
    ]);
    expect(await handler.diff("id", outs, news)).toMatchObject({ changes: true, replaces: [] });
    delete mockHosts.memory;
    const { outs: after } = await handler.update("id", outs, news);
    expect([value(), after.incomplete, await handler.diff("id", after, news)]).toMatchObject([
      "2",
      undefined,
      { changes: false },
    ]);
  });

  test.each<[string, () => void]>([
    ["nobody has drained it", () => {}],
    [
      "it still has clients",
      () => {
        drained();
        director.write("/run/table", `-A ${AT} -s rr\n-a ${AT} -r 10.0.0.11:80 -g -w 1\n`);
      },
    ],
    ["no director is reached", () => (mockHosts.director = down)],
  ])("fails where %s", async (_, prepares) => {
    const state = await create();
    prepares();
    mockHosts.memory = down;
    await expect(handler.update("id", state, await checked("2"))).rejects.toThrow("not reachable within 1 s");
  });

  test("is left for later where somebody says so for one command", async () => {
    const state = await create();
    mockHosts.memory = () =>
      Promise.reject(new HostError("host memory: not reachable", "unreachable", { host: "memory" }));
    process.env.PULUMI_LVS_FORGET = "memory";
    const { outs } = await handler.update("id", state, await checked("2"));
    expect([outs.value, outs.incomplete]).toEqual(["1", true]);
    expect(said[0]).toContain("not reachable (left out, as was asked for)");
  });
});
