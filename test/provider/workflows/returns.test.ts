import { allServices } from "../../../provider/workflows/rollout/director-view";
import { Directors } from "../../../provider/workflows/rollout/directors";
import { Returns } from "../../../provider/workflows/rollout/returns";
import { onHosts } from "../on-host";
import { AT, FOUR, RolloutSite, VIP } from "./rollout-site";

jest.mock("node:timers/promises", () => jest.requireActual("../no-waiting"));

const SCOPE = allServices([VIP]);
const NOTE = { reason: "replacing a disk", by: "root@here", since: "2026-01-01T00:00:00Z" };
const all = Object.entries(FOUR).map(([name, address]) => ({ name, address }));

onHosts("servers that come back at the same time", () => {
  let site: RolloutSite;
  let before: string;
  const by = (who: "operator" | { site: string }) => {
    const drain = { timeout: 5, onTimeout: "fail" } as const;
    const directors = [{ host: { name: "director" } as never, scope: SCOPE }];
    return new Directors(directors, who, { drain, onDirectorDown: "fail" }, site.reach, () => {});
  };
  beforeEach(() => {
    site = RolloutSite.serving(FOUR, { weights: { rs1: 4, rs2: 3, rs3: 2, rs4: 1 } });
    // dh refuses the clients that it has for a destination of weight 0, so another scheduler stands in.
    site.director.write("/run/table", site.table().replace("-s wrr", "-s dh"));
    before = site.table();
  });
  afterEach(() => site[Symbol.dispose]());

  /** The trips that change something. */
  const changing = () => site.director.scripts.filter(({ steps = [] }) => steps.length > 0);
  const returning = (who: "operator" | { site: string }) => {
    const returns = new Returns(SCOPE, who);
    return Promise.allSettled(all.map(async (server) => (await returns.back(site.director, server)).answer));
  };

  test("come back in one turn, with their weights and the service's scheduler", async () => {
    await by({ site: "shop" }).leave(Object.values(FOUR));
    expect(site.table()).not.toContain(`${AT} -s dh`);
    const until = changing().length;
    expect(await returning({ site: "shop" })).toEqual(Array(4).fill({ status: "fulfilled", value: [] }));
    expect([site.table(), changing().length - until]).toEqual([before, 1]);
    expect([site.director.has("/var/lib/lvs"), site.director.has("/etc/lvs")]).toEqual([false, false]);
  });

  test("but for one that somebody has deleted from the table: that one is told", async () => {
    await by({ site: "shop" }).leave(Object.values(FOUR));
    const line = `-a ${AT} -r ${FOUR.rs2}:80 -g -w 0\n`;
    expect(site.table()).toContain(line);
    site.director.write("/run/table", site.table().replace(line, ""));
    const answers = await returning({ site: "shop" });
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(answers[1]).toMatchObject({
      reason: { message: expect.stringContaining(`real server rs2 (${FOUR.rs2}) did not come back into the table`) },
    });
    expect(["rs1", "rs2", "rs3", "rs4"].map((name) => site.weight(name))).toEqual([4, undefined, 2, 1]);
    expect(site.director.has("/var/lib/lvs")).toBe(false);
  });

  test("but for one that an operator drains at that moment: it stays out, and the scheduler waits for it", async () => {
    await by({ site: "shop" }).leave(Object.values(FOUR));
    site.director.before = async ({ steps }) => {
      if (!steps?.length) return;
      site.director.before = undefined;
      await by("operator").leave([FOUR.rs3], NOTE);
    };
    const answers = await returning({ site: "shop" });
    expect(answers[2]).toMatchObject({ value: [{ address: FOUR.rs3, note: NOTE }] });
    expect(["rs1", "rs2", "rs3", "rs4"].map((name) => site.weight(name))).toEqual([4, 3, 0, 1]);
    expect(site.table()).not.toContain(`${AT} -s dh`);
    await by("operator").putBack(FOUR.rs3);
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });

  test("a connection that is cut keeps nobody out: they come back one by one", async () => {
    await by({ site: "shop" }).leave(Object.values(FOUR));
    site.director.cutAfter(3);
    expect((await returning({ site: "shop" })).map(({ status }) => status)).toEqual(Array(4).fill("fulfilled"));
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });

  test("a step that fails for one of them fails for that one alone", async () => {
    await by({ site: "shop" }).leave(Object.values(FOUR));
    site.director.before = ({ steps }) => {
      // What is noted of one server cannot be read any more, each time that it is to be forgotten.
      if (JSON.stringify(steps ?? "").includes(`${FOUR.rs4}@shop`)) throw new Error("the step of rs4 fails");
    };
    const answers = await returning({ site: "shop" });
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected"]);
    site.director.before = undefined;
    await by({ site: "shop" }).forget(Object.values(FOUR));
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });
});
