import { allServices } from "../../../provider/workflows/rollout/director-view";
import { Directors } from "../../../provider/workflows/rollout/directors";
import { onHosts } from "../on-host";
import { A, AT, B, FOUR, RolloutSite, VIP } from "./rollout-site";

jest.mock("node:timers/promises", () => jest.requireActual("../no-waiting"));

const NOTE = { reason: "replacing a disk", by: "root@here", since: "2026-01-01T00:00:00Z" };

const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  jest.spyOn(console, "log").mockImplementation((words) => said.push(String(words)));
});
afterEach(() => jest.restoreAllMocks());

onHosts("a rollout that meets a drained server", () => {
  let site: RolloutSite;
  let before: string;
  let operator: Directors;
  beforeEach(() => {
    site = RolloutSite.serving(FOUR, { weights: { rs1: 1, rs2: 1, rs3: 1, rs4: 1 } });
    before = site.table();
    const directors = [{ host: { name: "director" } as never, scope: allServices([VIP]) }];
    const drain = { timeout: 5, onTimeout: "fail" } as const;
    operator = new Directors(directors, "operator", { drain, onDirectorDown: "fail" }, site.reach, () => {});
  });
  afterEach(() => site[Symbol.dispose]());

  const drain = async (name: keyof typeof FOUR) => {
    await operator.connectionsEnd(FOUR[name], await operator.leave([FOUR[name]], NOTE));
  };
  const bringBack = async (name: keyof typeof FOUR) => [...(await operator.putBack(FOUR[name])).values()].flat();
  /** How many of the servers that are not drained were out, after each change of the table. */
  const out = (drained: number) => site.served().map((names) => 4 - drained - names.split(" ").filter(Boolean).length);

  test("the server gets the release, stays out until it is brought back, and takes nobody's place in a batch", async () => {
    await drain("rs2");
    const drained = site.table();
    expect(await site.rolling({ release: B, batch: 2 }).go()).toBe(true);
    expect(Object.values(await site.look({ release: B }))).toEqual([B, B, B, B]);
    expect([site.table(), site.weight("rs2")]).toEqual([drained, 0]);
    expect(site.served().slice(1).join()).not.toContain("rs2");
    expect(Math.max(...out(1))).toBe(2);
    expect(said.filter((line) => line.includes("rs2"))).toEqual([
      "shop: rs2 stays out of the table: drained by root@here: replacing a disk",
      expect.stringMatching(
        /^shop: rs2 runs release b{12}, and stays out of the table: drained by root@here: replacing a disk: 1 of 4, after \d+ s$/,
      ),
    ]);
    expect(said).toContain("shop: rs1, rs3 leave the table: 33% of the weight stays");
    expect(await bringBack("rs2")).toEqual([]);
    expect([site.table(), site.director.has("/var/lib/lvs"), site.director.has("/etc/lvs")]).toEqual([
      before,
      false,
      false,
    ]);
  });

  test("its weight is no part of a share", async () => {
    await drain("rs1");
    await drain("rs2");
    await site.rolling({ release: B, batch: "50%" }).go();
    expect([Math.max(...out(2)), site.weight("rs1"), site.weight("rs3")]).toEqual([1, 0, 1]);
  });

  test.each([
    ["is down", () => site.down.add("rs2"), /rs2 is drained, and gets release b{12} later: host rs2: not reachable$/],
    [
      "cannot run the release",
      () => site.put(B, "503 no disk", [site.rs2]),
      /rs2 is drained, and gets release b{12} later: release b{12}: host rs2: .*no disk/,
    ],
  ])("one that %s stops nobody, and the next rollout asks again", async (_, breaks, words) => {
    await drain("rs2");
    breaks();
    const ready = { path: "/readyz", within: 1 };
    expect(await site.rolling({ release: B, ready }).go()).toBe(false);
    expect(said.filter((line) => words.test(line))).toHaveLength(1);
    expect([site.weight("rs2"), site.weight("rs1"), site.weight("rs4")]).toEqual([0, 1, 1]);
    site.down.clear();
    site.put(B);
    expect(await site.rolling({ release: B, ready }).go()).toBe(true);
    expect(Object.values(await site.look({ release: B }))).toEqual([B, B, B, B]);
    await bringBack("rs2");
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });

  test("all are drained: each gets the release, and a failure is one", async () => {
    for (const name of ["rs1", "rs2", "rs3", "rs4"] as const) await drain(name);
    const drained = site.table();
    site.put(B, "503 no disk", [site.rs2]);
    const ready = { path: "/readyz", within: 1 };
    await expect(site.rolling({ release: B, ready }).go()).rejects.toThrow(/no disk/);
    expect([await site.look({ release: B }), site.table()]).toEqual([{ rs1: B, rs2: A, rs3: B, rs4: B }, drained]);
  });

  test("the last one that is not drained is not taken out", async () => {
    for (const name of ["rs1", "rs2", "rs3"] as const) await drain(name);
    await expect(site.rolling({ release: B, batch: 4 }).go()).rejects.toThrow(/^rs4 is the only real server left in/);
    expect([site.weight("rs4"), site.starts("rs4"), site.starts("rs1")]).toEqual([1, 0, 1]);
  });

  test("drained while the rollout has it out: it stays out, and comes back by the operator alone", async () => {
    site.rs1.before = async () => {
      if (site.weight("rs1") !== 0) return;
      site.rs1.before = undefined;
      await drain("rs1");
    };
    await site.rolling({ release: B }).go();
    expect(Object.values(await site.look({ release: B }))).toEqual([B, B, B, B]);
    expect([site.weight("rs1"), site.weight("rs2")]).toEqual([0, 1]);
    expect(said).toContainEqual(expect.stringMatching(/rs1 runs .* and stays out of the table: drained by root@here/));
    await bringBack("rs1");
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });

  test("drained while it waits for its turn: it gets no place in a batch", async () => {
    let asked = 0;
    site.rs1.before = async () => {
      if (++asked === 3) await drain("rs3");
    };
    await site.rolling({ release: B }).go();
    expect([site.weight("rs3"), site.weight("rs4"), site.starts("rs3")]).toEqual([0, 1, 1]);
    expect(said).not.toContain("shop: rs3 leaves the table");
  });

  test("brought back while a rollout has it out: it comes back when the rollout is done with it", async () => {
    await drain("rs2");
    let asked = 0;
    let others: unknown[] = [];
    site.rs2.before = async () => {
      if (++asked === 3) others = await bringBack("rs2");
    };
    await site.rolling({ release: B }).go();
    expect(others).toMatchObject([{ address: FOUR.rs2, site: "shop" }]);
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
    const weights = site.director.calls().filter((line) => line.startsWith(`-e ${AT} -r ${FOUR.rs2}:80`));
    expect(weights.at(-1)).toMatch(/-w 1$/);
    expect(weights.filter((line) => line.endsWith("-w 1"))).toHaveLength(1);
  });

  test("its connections are waited for before it is switched, and it does not come back over them", async () => {
    await operator.leave([FOUR.rs2], NOTE);
    site.director.write("/run/connections", `TCP  ${VIP}:80 wrr\n  -> ${FOUR.rs2}:80  Route  0  3  0\n`);
    expect(await site.rolling({ release: B, drain: { timeout: 1 } }).go()).toBe(false);
    expect(said).toContainEqual(expect.stringMatching(/rs2 is drained, and gets .*later: .*3 connections are open/));
    expect([site.weight("rs2"), site.starts("rs2"), site.starts("rs1")]).toEqual([0, 0, 1]);
  });
});
