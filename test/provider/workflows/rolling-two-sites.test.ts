import { servicesOf } from "../../../provider/workflows/rollout/director-view";
import { Directors } from "../../../provider/workflows/rollout/directors";
import { onHosts } from "../on-host";
import { A, ADDRESSES, AT, B, RolloutSite, VIP } from "./rollout-site";

jest.mock("node:timers/promises", () => jest.requireActual("../no-waiting"));

const RS1 = ADDRESSES.rs1 as string;
const RECORD = `/var/lib/lvs/maintenance/${RS1}`;
const NODEST = "/proc/sys/net/ipv4/vs/expire_nodest_conn";

onHosts("two sites on one real server and director", () => {
  let site: RolloutSite;
  let before: string;
  beforeEach(() => {
    jest.spyOn(console, "log").mockImplementation(() => {});
    site = RolloutSite.serving();
    site.director.write(NODEST, "0\n");
    before = site.table();
  });
  afterEach(() => {
    site[Symbol.dispose]();
    jest.restoreAllMocks();
  });

  /** The directors as another site's rollout has them, whose service has rs1 alone. */
  const blog = (vip = "10.0.0.9") =>
    new Directors(
      [{ host: { name: "director" } as never, scope: servicesOf([{ vip, mark: 7 }]) }],
      { site: "blog" },
      { drain: { timeout: 5, onTimeout: "fail" }, onDirectorDown: "fail" },
      site.reach,
      () => {},
    );
  const others = () => /-a -t 10\.0\.0\.9:80 -r \S+ -g -w (\d)/.exec(site.table())?.[1];

  test("a rollout brings back what it has taken out, and leaves the other's record and switches", async () => {
    await blog().leave([RS1]);
    await site.rolling({ release: B }).go();
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
    expect([site.weight("rs1"), others(), site.director.has(`${RECORD}@blog`)]).toEqual([2, "0", true]);
    expect([site.director.has(`${RECORD}@shop`), site.director.text(NODEST)]).toEqual([false, "1\n"]);
    expect([...(await blog().putBack(RS1)).values()].flat()).toEqual([]);
    expect([site.table(), site.director.has("/var/lib/lvs"), site.director.text(NODEST)]).toEqual([
      before,
      false,
      "0\n",
    ]);
  });

  test("what both have taken out comes back with the last of them, and takes its place in a batch", async () => {
    await blog(VIP).leave([RS1]);
    await expect(site.rolling({ release: B }).go()).rejects.toThrow(
      /^172\.17\.111\.234 is out of the table: the rollout of blog has taken it out\. .* rs2 cannot leave as well/,
    );
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: A });
    expect([site.weight("rs1"), site.weight("rs2")]).toEqual([0, 1]);
    await blog(VIP).putBack(RS1);
    expect(site.table()).toBe(before);
    await site.rolling({ release: B }).go();
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });

  test("both at the same time: each sees that the other one has changed it meanwhile", async () => {
    await blog(VIP).leave([RS1]);
    let tries = 0;
    site.director.before = async ({ steps = [] }) => {
      const comesBack = steps.some(({ argv }) => argv.join(" ").includes("brought it back meanwhile"));
      if (!comesBack || ++tries !== 1) return;
      await blog(VIP).putBack(RS1);
    };
    await site.rolling({ release: B, servers: site.inputs().servers.slice(0, 1), alone: "interrupt" }).go();
    expect(tries).toBeGreaterThan(2);
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });

  test("of a record of an earlier version, each site takes its own part", async () => {
    site.director.write(RECORD, `${AT}|${RS1}:80|2\n-t 10.0.0.9:80|${RS1}:80|1\n`);
    site.director.write(
      "/run/table",
      before.replace("-g -w 2", "-g -w 0").replace(`-r ${RS1}:80 -g -w 1`, `-r ${RS1}:80 -g -w 0`),
    );
    expect([site.weight("rs1"), others()]).toEqual([0, "0"]);
    await site.rolling({ release: A }).go();
    expect([site.weight("rs1"), others()]).toEqual([2, "0"]);
    expect(site.director.text(RECORD)).toBe(`-t 10.0.0.9:80|${RS1}:80|1\n`);
    await blog().putBack(RS1);
    expect([site.table(), site.director.has("/var/lib/lvs")]).toEqual([before, false]);
  });

  test("a site that ends leaves the other's", async () => {
    await blog().leave([RS1]);
    site.rs1.cutAfter(1);
    await expect(site.rolling({ release: B }).go()).rejects.toThrow("lost");
    await site.rolling({ release: B }).end();
    expect([site.weight("rs1"), others(), site.director.has(`${RECORD}@blog`)]).toEqual([2, "0", true]);
  });
});
