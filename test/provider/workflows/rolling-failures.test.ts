import { HostError } from "../../../provider/host/errors";
import { onHosts } from "../on-host";
import { A, ADDRESSES, AT, B, C, RolloutSite } from "./rollout-site";

jest.mock("node:timers/promises", () => jest.requireActual("../no-waiting"));

onHosts("a rollout that does not go well", () => {
  let site: RolloutSite;
  let before: string;
  beforeEach(() => {
    jest.spyOn(console, "log").mockImplementation(() => {});
    site = RolloutSite.serving();
    before = site.table();
  });
  afterEach(() => {
    site[Symbol.dispose]();
    jest.restoreAllMocks();
  });

  const traces = () => site.director.has("/var/lib/lvs");
  const connections = (name: string, open: number) =>
    site.director.write(
      "/run/connections",
      `TCP  172.17.111.111:80 wrr\n  -> ${ADDRESSES[name]}:80  Route  0  ${open}  0\n`,
    );

  test("a release that is not ready: the server goes back, and the others are not touched", async () => {
    site.put(B, "503 no tables");
    await expect(site.rolling({ release: B }).go()).rejects.toThrow(
      new RegExp(
        "^release b{12}: host rs1: waiting until rs1 is ready: /readyz answers 503: no tables, after 5 s\\n" +
          "The end of its log:\\nbind\\(\\) to .* failed .*\\n" +
          "rs1 runs release a{12} again; the other servers go on as they are$",
      ),
    );
    expect(await site.look()).toEqual({ rs1: A, rs2: A });
    expect([site.served(), site.table(), traces(), site.starts("rs2")]).toEqual([["rs2", "rs1 rs2"], before, false, 0]);
  });

  test("the first release of a site, which is not ready on one server: the update fails, and the other server runs it", async () => {
    using fresh = new RolloutSite();
    fresh.put(A);
    fresh.put(A, "503 no tables", [fresh.rs1]);
    await expect(fresh.rolling().go()).rejects.toThrow(
      /^host rs1: waiting until rs1 is ready: .*503: no tables, after 5 s\n.*rs1 is left out of service: there is no other release/s,
    );
    expect(await fresh.look()).toMatchObject({ rs2: A });
    expect(fresh.served()).toEqual([]);
  });

  test("a release that is not on the second server: that one goes back, the first one goes on with it", async () => {
    site.rs2.remove(`/srv/shop/releases/${B}`);
    await expect(site.rolling({ release: B }).go()).rejects.toThrow(
      /host rs2: switching to release b{12}: exit 1: .*Is \/srv\/shop\/releases\/b{32} there, as its Release declares/,
    );
    expect([await site.look(), site.table()]).toEqual([{ rs1: B, rs2: A }, before]);
  });

  test("neither the release nor the one before it: out of service, until one is ready", async () => {
    site.put(B, "503 no tables");
    site.put(A, "500 no tables either");
    site.runs(A);
    const failing = site.rolling({ release: B }).go();
    // Without its former release the server is out of service, so that one is waited for three times as long.
    await expect(failing).rejects.toThrow(
      /503.*, after 5 s\n.*Going back to release a{12} failed too: .*500.*, after 15 s\. rs1 is left out of service$/s,
    );
    expect([site.weight("rs1"), site.weight("rs2")]).toEqual([0, 1]);
    // The next rollout begins with the server that is out of service: without it the other server cannot leave the
    // table.
    site.put(C);
    await site.rolling({ release: C }).go();
    expect([site.table(), traces(), site.starts("rs2")]).toEqual([before, false, 1]);
  });

  test("a busy server gets its weight back, and keeps its release", async () => {
    connections("rs1", 3);
    await expect(site.rolling({ release: B }).go()).rejects.toThrow(
      /^host director: virtual service -t 172.17.111.111:80: draining 172.17.111.234:80: 3 connections are open, after 5 s$/,
    );
    expect([site.table(), site.starts("rs1"), traces()]).toEqual([before, 0, false]);
    await site.rolling({ release: B, drain: { timeout: 1, onTimeout: "cut" } }).go();
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
  });

  test("killed after the drain: the next one goes on there, and the weights come back", async () => {
    site.rs1.before = () => {
      site.dead = site.weight("rs1") === 0;
      if (site.dead) throw new HostError("host rs1: the connection was lost", "cut");
    };
    await expect(site.rolling({ release: B }).go()).rejects.toThrow("the connection was lost");
    expect([site.weight("rs1"), site.weight("rs2"), traces()]).toEqual([0, 1, true]);
    site.dead = false;
    site.rs1.before = undefined;
    await site.rolling({ release: B }).go();
    expect(await site.look({ release: B })).toEqual({ rs1: B, rs2: B });
    expect([site.table(), traces()]).toEqual([before, false]);
    expect(site.served()).not.toContain("");
  });

  test("killed while connections are waited for: the next one waits for them again", async () => {
    connections("rs1", 1);
    const going = site.rolling({ release: B, drain: { timeout: 300 } });
    site.director.before = () => {
      site.dead = site.weight("rs1") === 0;
      if (site.dead) throw new HostError("host director: the connection was lost", "cut");
    };
    await expect(going.go()).rejects.toThrow("the connection was lost");
    site.dead = false;
    site.director.before = undefined;
    await expect(site.rolling({ release: B, drain: { timeout: 1 } }).go()).rejects.toThrow(/1 connection is open/);
    expect([site.weight("rs1"), site.starts("rs1")]).toEqual([0, 0]);
    connections("rs1", 0);
    await site.rolling({ release: B }).go();
    expect([site.table(), traces()]).toEqual([before, false]);
  });

  test("a server that was cut off while it was switched stays out, until somebody knows what it serves", async () => {
    site.rs1.cutAfter(1);
    await expect(site.rolling({ release: B }).go()).rejects.toThrow("host rs1: the connection was lost");
    expect([site.weight("rs1"), site.weight("rs2")]).toEqual([0, 1]);
    await site.rolling({ release: B }).go();
    expect([site.table(), traces()]).toEqual([before, false]);
  });

  test("one that runs the release already and is out just comes back", async () => {
    site.rs2.before = () => {
      site.dead = site.weight("rs2") === 0 && site.starts("rs2") === 1;
      if (site.dead) throw new HostError("host rs2: the connection was lost", "cut");
    };
    await expect(site.rolling({ release: B }).go()).rejects.toThrow("lost");
    site.dead = false;
    site.rs2.before = undefined;
    await site.rolling({ release: B }).go();
    expect([site.table(), site.starts("rs2"), traces()]).toEqual([before, 1, false]);
  });

  test("one that was deleted from the table meanwhile is told", async () => {
    site.rs1.before = () => {
      if (site.weight("rs1") === 0) site.serve({ rs2: 1 });
    };
    await expect(site.rolling({ release: B }).go()).rejects.toThrow(
      /^host director: real server rs1 \(172.17.111.234\) did not come back into the table/,
    );
  });

  test("a rollout that goes leaves nothing on the director, not even after an interruption", async () => {
    site.director.write("/proc/sys/net/ipv4/vs/expire_nodest_conn", "0\n");
    site.rs1.cutAfter(1);
    await expect(site.rolling({ release: B }).go()).rejects.toThrow("lost");
    expect(site.director.text("/proc/sys/net/ipv4/vs/expire_nodest_conn")).toBe("1\n");
    site.director.write("/run/table", "");
    await site.rolling({ release: B }).end();
    expect([traces(), site.director.text("/proc/sys/net/ipv4/vs/expire_nodest_conn")]).toEqual([false, "0\n"]);
    expect(site.director.calls().filter((line) => line.startsWith(`-a ${AT}`))).toEqual([]);
  });
});
