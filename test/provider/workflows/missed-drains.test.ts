import type { Session } from "../../../provider/host/command";
import type { DeclaredHost } from "../../../provider/host/declared";
import { provider } from "../../../provider/index";
import { drainServer, returnServer } from "../../../provider/operations/drain";
import { allServices } from "../../../provider/workflows/rollout/director-view";
import { Directors } from "../../../provider/workflows/rollout/directors";
import { onHosts } from "../on-host";
import { A, ADDRESSES, RolloutSite, VIP } from "./rollout-site";

jest.mock("node:timers/promises", () => jest.requireActual("../no-waiting"));
jest.mock("../../../provider/host/pool", () => ({
  withSession: (host: DeclaredHost, work: (session: Session) => Promise<unknown>) => mockSite.reach(host, work),
}));

const NOTE = { reason: "replacing a disk", by: "root@here", since: "2026-01-01T00:00:00Z" };
const [RS1, RS2] = [ADDRESSES.rs1 as string, ADDRESSES.rs2 as string];
// Somebody else has a service with rs1 alone.
const HOW = { timeout: 5, onTimeout: "fail", force: true } as const;
let mockSite: RolloutSite;

onHosts("a drain while a director is down", () => {
  const said: string[] = [];
  let before: string;
  beforeEach(() => {
    said.length = 0;
    jest.spyOn(console, "log").mockImplementation((words) => said.push(String(words)));
    mockSite = RolloutSite.serving(undefined, { standby: true });
    before = mockSite.table();
  });
  afterEach(() => {
    mockSite[Symbol.dispose]();
    jest.restoreAllMocks();
  });

  const balancers = ["director", "standby"].map((name) => ({ director: { name } as DeclaredHost, vips: [VIP] }));
  const standby = () => mockSite.standby as NonNullable<typeof mockSite.standby>;
  const onStandby = () => mockSite.weight("rs1", standby().text("/run/table"));
  const missed = [{ director: "standby", reason: "host standby: not reachable" }];
  const files = () => [mockSite.director, standby()].map((host) => host.has("/var/lib/lvs"));

  test("acts on the others, and the next command gives the director what it has missed", async () => {
    mockSite.down.add("standby");
    const drained = await drainServer(balancers, RS1, NOTE, HOW);
    expect(drained).toMatchObject({
      moves: [{ director: "director", places: [{ weight: 1 }, { weight: 2 }] }],
      missed,
    });
    expect([mockSite.weight("rs1"), onStandby()]).toEqual([0, 2]);
    expect(said).toEqual(["director standby is down, and gets later what it misses now: host standby: not reachable"]);

    mockSite.down.clear();
    expect(await returnServer(balancers, RS2)).toMatchObject({ missed: [] });
    expect([onStandby(), mockSite.weight("rs2", standby().text("/run/table"))]).toEqual([0, 1]);
    expect(JSON.parse(standby().text(`/var/lib/lvs/maintenance/.${RS1}.why`))).toEqual(NOTE);

    expect(await returnServer(balancers, RS1)).toMatchObject({ missed: [] });
    expect([mockSite.table(), standby().text("/run/table"), ...files()]).toEqual([before, before, false, false]);
  });

  test("a return that a director has missed comes with the next rollout", async () => {
    await drainServer(balancers, RS1, NOTE, HOW);
    mockSite.down.add("standby");
    expect(await returnServer(balancers, RS1)).toMatchObject({ missed });
    expect([mockSite.weight("rs1"), onStandby()]).toEqual([2, 0]);
    mockSite.down.clear();
    expect(await mockSite.rolling({ release: A }).go()).toBe(true);
    expect([mockSite.table(), standby().text("/run/table"), ...files()]).toEqual([before, before, false, false]);
  });

  test("of two directors that were down in turn, the one that knows the last word is right", async () => {
    mockSite.down.add("standby");
    await drainServer(balancers, RS1, NOTE, HOW);
    mockSite.down.clear();
    mockSite.down.add("director");
    await returnServer(balancers, RS1);
    mockSite.down.clear();
    await returnServer(balancers, RS2);
    expect([mockSite.table(), standby().text("/run/table"), ...files()]).toEqual([before, before, false, false]);
  });

  test("that fails takes its own record back alone, where a rollout has the server out", async () => {
    const directors = [{ host: { name: "director" } as DeclaredHost, scope: allServices([VIP]) }];
    const how = { drain: HOW, onDirectorDown: "fail" } as const;
    const rollout = new Directors(
      directors,
      { site: "shop" },
      how,
      (host, work) => mockSite.reach(host, work),
      () => {},
    );
    await rollout.leave([RS1]);
    const records = () => ["", "@shop"].map((by) => mockSite.director.has(`/var/lib/lvs/maintenance/${RS1}${by}`));
    mockSite.director.write("/run/connections", `TCP ${VIP}:80 wrr\n  -> ${RS1}:80 Route 0 1 0\n`);
    const drained = drainServer(balancers.slice(0, 1), RS1, NOTE, { ...HOW, timeout: 0 });
    await expect(drained).rejects.toThrow(
      /1 connection is open.*\. 172\.17\.111\.234 stays out, for the rollout of shop has taken it out: wait longer by --timeout/,
    );
    expect([records(), mockSite.weight("rs1")]).toEqual([[false, true], 0]);
    await rollout.putBack(RS1);
    expect([mockSite.table(), mockSite.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });

  describe("the drains that directors of a cluster share", () => {
    const shared = provider("SharedDrains");
    const inputs = { site: "shop", vips: [VIP], directors: [{ name: "director" }, { name: "standby" }] };
    /** What a refresh stores, and what the next `up` makes of it: undefined where it sees no change. */
    const next = async (outs: object) => {
      const { props = {} } = (await shared.read?.("drains", { ...inputs, ...outs })) ?? {};
      if (!(await shared.diff("drains", props, inputs)).changes) return undefined;
      return (await shared.update?.("drains", props, inputs))?.outs;
    };

    test("nothing is drained: no director is late, also where one is down", async () => {
      const { outs } = await shared.create(inputs);
      expect(outs).toMatchObject({ drained: {}, late: [] });
      mockSite.down.add("standby");
      expect(await next(outs)).toBeUndefined();
    });

    test("a director that was down gets a drain by the next `up`, and a return as well", async () => {
      const { outs } = await shared.create(inputs);
      mockSite.down.add("standby");
      await drainServer(balancers, RS1, NOTE, HOW);
      const meanwhile = await next(outs);
      expect(meanwhile).toMatchObject({ late: ["standby"], drained: { [RS1]: NOTE }, incomplete: true });
      expect(onStandby()).toBe(2);
      mockSite.down.clear();
      said.length = 0;
      const told = (await next(meanwhile as object)) as object;
      expect(told).toMatchObject({ late: [], drained: { [RS1]: NOTE } });
      expect(told).not.toHaveProperty("incomplete");
      expect([mockSite.weight("rs1"), onStandby()]).toEqual([0, 0]);
      expect(said).toEqual([`warning: standby missed that ${RS1} is drained. The next \`pulumi up\` makes up for it`]);
      expect(await next(told)).toBeUndefined();

      mockSite.down.add("standby");
      await returnServer(balancers, RS1);
      mockSite.down.clear();
      said.length = 0;
      expect(await next(told)).toMatchObject({ late: [], drained: {} });
      expect(said[0]).toContain(`standby missed that ${RS1} was brought back`);
      expect([mockSite.table(), standby().text("/run/table"), ...files()]).toEqual([before, before, false, false]);
    });

    test("a director that joins gets the drains of the others", async () => {
      await drainServer([balancers[0] as (typeof balancers)[0]], RS1, NOTE, HOW);
      expect([mockSite.weight("rs1"), onStandby()]).toEqual([0, 2]);
      expect((await shared.create(inputs)).outs).toMatchObject({ late: [], drained: { [RS1]: NOTE } });
      expect([mockSite.weight("rs1"), onStandby()]).toEqual([0, 0]);
      await returnServer(balancers, RS1);
      expect([mockSite.table(), standby().text("/run/table"), ...files()]).toEqual([before, before, false, false]);
    });
  });

  describe("a return that is interrupted between two directors", () => {
    const killed = (name: "director" | "standby") => {
      const host = name === "standby" ? standby() : mockSite.director;
      host.before = ({ steps = [] }) => {
        if (steps.some(({ argv }) => argv.join(" ").includes("brought it back meanwhile"))) throw new Error("killed");
      };
      return () => {
        host.before = undefined;
      };
    };
    const shared = provider("SharedDrains");
    const inputs = { site: "shop", vips: [VIP], directors: [{ name: "director" }, { name: "standby" }] };

    test.each(["director", "standby"] as const)(
      "is completed by the next `up`, and not taken back: %s",
      async (name) => {
        await drainServer(balancers, RS1, NOTE, HOW);
        const goesOn = killed(name);
        await expect(returnServer(balancers, RS1)).rejects.toThrow("killed");
        expect([mockSite.weight("rs1"), onStandby()].sort()).toEqual([0, 2]);
        goesOn();
        expect((await shared.create(inputs)).outs).toMatchObject({ late: [], drained: {} });
        expect([mockSite.table(), standby().text("/run/table"), ...files()]).toEqual([before, before, false, false]);
      },
    );

    test("and a drain after it counts: the server stays out everywhere", async () => {
      await drainServer(balancers, RS1, NOTE, HOW);
      const goesOn = killed("standby");
      await expect(returnServer(balancers, RS1)).rejects.toThrow("killed");
      goesOn();
      await drainServer(balancers, RS1, NOTE, HOW);
      expect((await shared.create(inputs)).outs).toMatchObject({ late: [], drained: { [RS1]: NOTE } });
      expect([mockSite.weight("rs1"), onStandby()]).toEqual([0, 0]);
      await returnServer(balancers, RS1);
      expect([mockSite.table(), standby().text("/run/table"), ...files()]).toEqual([before, before, false, false]);
    });
  });

  test("it says that the director that is down may have the VIP, and fails where none is reached", async () => {
    mockSite.down.add("director");
    expect(await drainServer(balancers, RS1, NOTE, HOW)).toMatchObject({ missed: [{ director: "director" }] });
    expect([mockSite.weight("rs1"), onStandby()]).toEqual([2, 0]);
    expect(said[1]).toBe(
      `none of the directors that are reached has ${VIP}: director may still send clients to the servers. Bring it back, or see that another director takes over`,
    );
    mockSite.down.add("standby");
    await expect(returnServer(balancers, RS1)).rejects.toThrow("not reachable");
  });
});
