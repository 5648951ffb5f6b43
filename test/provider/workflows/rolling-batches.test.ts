import { onHosts } from "../on-host";
import { A, B, FOUR, RolloutSite, VIP } from "./rollout-site";

jest.mock("node:timers/promises", () => jest.requireActual("../no-waiting"));

const WEIGHTS = { rs1: 1, rs2: 1, rs3: 1, rs4: 1 };

const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  jest.spyOn(console, "log").mockImplementation((words) => said.push(String(words)));
});
afterEach(() => jest.restoreAllMocks());

onHosts("a rollout in batches", () => {
  let site: RolloutSite;
  let before: string;
  beforeEach(() => {
    site = RolloutSite.serving(FOUR, { weights: WEIGHTS });
    before = site.table();
  });
  afterEach(() => site[Symbol.dispose]());
  const out = () => site.served().map((names) => 4 - names.split(" ").filter(Boolean).length);

  test("a canary goes first, then the others side by side, never more than the batch", async () => {
    await site.rolling({ release: B, batch: 2, canary: true }).go();
    expect(Object.values(await site.look({ release: B }))).toEqual([B, B, B, B]);
    expect(out()).toEqual([1, 0, 1, 2, 1, 0, 1, 0]);
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
    expect(said.filter((line) => /leave/.test(line))).toEqual([
      "shop: rs1 leaves the table",
      "shop: rs2, rs3 leave the table: 50% of the weight stays",
      "shop: rs4 leaves the table",
    ]);
    expect(said.filter((line) => /back in the table/.test(line))).toEqual([
      expect.stringMatching(/^shop: rs1 runs release b{12}, and is back in the table: 1 of 4, after \d+ s$/),
      expect.stringMatching(/^shop: rs[23] runs .*: 2 of 4, after \d+ s$/),
      expect.stringMatching(/^shop: rs[23] runs .*: 3 of 4, after \d+ s$/),
      expect.stringMatching(/^shop: rs4 runs .*: 4 of 4, after \d+ s$/),
    ]);
  });

  test("the director is asked for all servers of a batch together", async () => {
    await site.rolling({ release: B, batch: 3 }).go();
    const scripts = site.director.scripts.map((script) => JSON.stringify(script));
    // rs1, rs2 and rs3 leave, each of them waits for its connections, and they come back; then rs4.
    const leaves = scripts.flatMap((script, at) =>
      script.includes("draining") || script.includes(" -w 0") ? [at] : [],
    );
    expect(leaves).toHaveLength(2);
    const [first, second] = leaves as [number, number];
    const waits = (from: number, to?: number) =>
      scripts.slice(from, to).filter((script) => script.includes("_conn_sync"));
    // Nobody is connected.
    expect([waits(first, second).length, waits(second).length]).toEqual([1, 1]);
    const turns = site.director.scripts.slice(first + 1, second).filter(({ steps = [] }) => steps.length > 0).length;
    expect(turns).toBeLessThanOrEqual(3);
    // Before the wait and before the next batch, and one for each turn.
    expect(scripts.slice(first + 1, second)).toHaveLength(2 + waits(first, second).length + 2 * turns + 1);
  });

  test("what fails is named, the others of its batch finish, and the next one goes on", async () => {
    site.put(B, "503 no tables", [site.rs1, site.rs2]);
    const going = site
      .rolling({ release: B, batch: "75%", maxFailures: 1, ready: { path: "/readyz", within: 1 } })
      .go();
    await expect(going).rejects.toThrow(
      new RegExp(
        "^release b{12} failed on 2 of 4 servers: rs1, rs2\\. rs4 was not begun\\. The next `up` goes on with them\\.\\n" +
          "rs1: release b{12}: host rs1: .*no tables.*\\nrs1 runs release a{12} again.*\\nrs2: .*no tables.*rs2 runs",
        "s",
      ),
    );
    expect(await site.look({ release: B })).toEqual({ rs1: A, rs2: A, rs3: B, rs4: A });
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
    site.put(B);
    await site.rolling({ release: B, batch: 4, maxFailures: 1 }).go();
    expect(Object.values(await site.look({ release: B }))).toEqual([B, B, B, B]);
    expect(Math.max(...out())).toBe(3);
  });

  test("a canary that fails ends it, whatever may fail", async () => {
    site.put(B, "503 no tables", [site.rs1]);
    const going = site
      .rolling({ release: B, batch: 2, canary: 1, maxFailures: 3, ready: { path: "/readyz", within: 1 } })
      .go();
    await expect(going).rejects.toThrow(/^release b{12}: host rs1: .*the other servers go on as they are$/s);
    expect([site.starts("rs2"), out()]).toEqual([0, [1, 0]]);
  });
});

onHosts("a rollout with a standby", () => {
  let site: RolloutSite;
  let before: string;
  beforeEach(() => {
    site = RolloutSite.serving(undefined, { standby: true });
    before = site.table();
  });
  afterEach(() => site[Symbol.dispose]());
  const open = `TCP  ${VIP}:80 wrr\n  -> 172.17.111.234:80  Route  0  7  0\n  -> 172.17.111.222:80  Route  0  7  0\n`;
  const onStandby = () => (site.standby?.calls() ?? []).filter((line) => /^-e/.test(line)).length;

  test("weights change on both, and connections are counted where the VIP is", async () => {
    site.standby?.write("/run/connections", open);
    expect(await site.rolling({ release: B }).go()).toBe(true);
    expect([site.table(), site.standby?.text("/run/table"), onStandby()]).toEqual([before, before, 4]);
    site.director.write("/run/connections", open);
    site.runs(A, [site.rs1]);
    await expect(site.rolling({ release: B, drain: { timeout: 2 } }).go()).rejects.toThrow(
      /^host director: .* 7 connections are open, after 2 s$/,
    );
    expect([site.table(), site.standby?.text("/run/table")]).toEqual([before, before]);
  });

  test("one that is down is named, and gets what it has missed", async () => {
    const standby = site.standby as NonNullable<typeof site.standby>;
    // It goes down after rs1 has left it.
    site.rs1.before = () => {
      if (site.weight("rs1") === 0) site.down.add("standby");
    };
    expect(await site.rolling({ release: B }).go()).toBe(false);
    expect(said.filter((line) => line.includes("standby"))).toEqual([
      "shop: director standby is down, and gets later what it misses now: host standby: not reachable",
    ]);
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
    expect([site.table(), site.weight("rs1", standby.text("/run/table"))]).toEqual([before, 0]);
    expect(await site.rolling({ release: B }).go()).toBe(false);
    site.down.clear();
    expect(await site.rolling({ release: B }).go()).toBe(true);
    expect([standby.text("/run/table"), standby.has("/var/lib/lvs")]).toEqual([before, false]);
  });

  test("one that was down when a server left, and comes back meanwhile, sends nobody there", async () => {
    const standby = site.standby as NonNullable<typeof site.standby>;
    const weightThere = () => site.weight("rs1", standby.text("/run/table"));
    site.director.before = () => {
      if (site.weight("rs1") === 2 && site.starts("rs1") === 0) site.down.add("standby");
    };
    let seen: number | undefined;
    site.rs1.before = async ({ steps = [] }) => {
      if (site.weight("rs1") !== 0) return;
      seen ??= weightThere();
      site.down.delete("standby");
      // The release is switched to. The standby has some seconds to learn what it has missed.
      for (let n = 0; n < 1000 && steps.length > 0 && weightThere() !== 0; n++)
        await new Promise((turn) => setTimeout(turn, 10));
      if (steps.length > 0) expect(weightThere()).toBe(0);
    };
    let back: number | undefined;
    jest.spyOn(console, "log").mockImplementation((words) => {
      said.push(String(words));
      if (/rs1 .* back in the table/.test(String(words))) back = weightThere();
    });
    await site.rolling({ release: B }).go();
    expect([seen, back]).toEqual([2, 2]);
    expect(said).toContain("shop: director standby does not know that 172.17.111.234 is out, and learns it now");
    expect([site.table(), standby.text("/run/table"), standby.has("/var/lib/lvs")]).toEqual([before, before, false]);
  });

  test("one that was down when a server came back takes it back before the next one leaves", async () => {
    const standby = site.standby as NonNullable<typeof site.standby>;
    site.rs1.before = () => {
      if (site.weight("rs1") === 0) site.down.add("standby");
    };
    jest.spyOn(console, "log").mockImplementation((words) => {
      if (/rs1 .* back in the table/.test(String(words))) site.down.delete("standby");
    });
    await site.rolling({ release: B }).go();
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
    expect([site.table(), standby.text("/run/table"), standby.has("/var/lib/lvs")]).toEqual([before, before, false]);
  });

  test.each<[why: string, onDirectorDown: "pass" | "fail", vips: string, message: RegExp]>([
    ["it is declared so", "fail", `${VIP}\n`, /^host standby: not reachable$/],
    [
      "it may still serve",
      "pass",
      "",
      /^none of the directors that are reached has 172\.17\.111\.111: standby may still send .*\nhost standby: not reachable$/,
    ],
  ])("one that is down stops the rollout: %s", async (_, onDirectorDown, vips, message) => {
    site.down.add("standby");
    site.director.write("/run/vips", vips);
    await expect(site.rolling({ release: B, onDirectorDown }).go()).rejects.toThrow(message);
    expect([site.table(), site.starts("rs1")]).toEqual([before, 0]);
  });
});
