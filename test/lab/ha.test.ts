import { loadavg } from "node:os";
import { poll } from "../../provider/host/poll";
import { type Artefact, removeArtefacts } from "../artefact";
import { repaintedShop } from "./artefacts";
import { shopLoad } from "./load";
import { operate } from "./operator";
import { LabStack, must } from "./stack";
import { User } from "./user";
import { type Noticed, noticedUnder, type Visits } from "./visits";

jest.setTimeout(30 * 60_000);

// A site that outlives its director, on real machines: http and https, clients that stay on one server, 20 new
// connections a second and 20 that stay open. It takes half an hour, and is asked for by LVS_LAB_HA=1.

const asked = process.env.LVS_LAB_HA === "1" ? describe : describe.skip;
const directors = ["director", "director2"] as const;
type Director = (typeof directors)[number];

/**
 * Where the clients are. On the lab's own host they would be on the real servers' network as well: with NAT, a server's packet that a
 * director does not know comes to them as it is, and a client that can answer the server resets its connection.
 */
const CLIENTS = { host: 1, sources: [31, 32, 33, 34].map((last) => `172.17.111.${last}`) };

const LOAD: Omit<Visits, "vip"> = { ...CLIENTS, path: "/index.html", rate: 20, kept: 20, pause: 0.2, within: 300 };

/** Seconds between two adverts. A director that is lost is replaced after three to four of them. */
const INTERVAL = Number(process.env.LVS_ADVERTS ?? "0.25");
const ADVERTS = { directors: "2", advertInterval: String(INTERVAL) };

/** Milliseconds for which nobody may be answered when a director loses power: a second with the default, and what the machines take. */
const GAP = INTERVAL * 4000 + 500;

const pairs = [
  {
    ...{ experiment: "nat", lab: new LabStack("nat-pair-test", "172.17.111.111", 13) },
    settings: { ...ADVERTS, ports: "[80,443]", timeout: "300" },
  },
  {
    ...{ experiment: "shop", lab: new LabStack("shop-pair-test", "172.17.111.111", 12) },
    // While a machine boots beside them, a real server may be slow to answer. That both count as failed is not what is tried here.
    settings: { ...ADVERTS, checkTimeout: "30" },
  },
];

asked.each(pairs)("two directors of the experiment $experiment", ({ experiment, lab, settings }) => {
  /** What each director says of itself: "MASTER", and whether it has the VIP. */
  const states = () =>
    Promise.all(
      directors.map(async (name) => {
        const ask = `cut -d' ' -f1 /run/lvs/vrrp/${experiment}; ip -o address show to ${lab.vip} | wc -l`;
        return (await lab.on(name, ask).catch(() => "")).trim().replace(/\s+/g, " ");
      }),
    );

  /** Waits until one director serves and the other one stands by. */
  async function quiet(): Promise<{ holder: Director; standby: Director }> {
    const isQuiet = (said: string[]) => [...said].sort().join() === "BACKUP 0,MASTER 1";
    const said = await poll(states, isQuiet, { within: 180, every: 2 });
    expect([...said].sort()).toEqual(["BACKUP 0", "MASTER 1"]);
    const at = said.indexOf("MASTER 1");
    return { holder: directors[at] as Director, standby: directors[1 - at] as Director };
  }

  /** Waits until a director has heard of these connections, by their clients' ports. */
  async function hasHeard(name: Director, ports: readonly number[]): Promise<void> {
    const missing = `ipvsadm -Lnc >/run/heard; for port in ${ports.join(" ")}; do
      grep -q "ESTABLISHED .*:$port " /run/heard || echo $port; done; rm /run/heard`;
    const left = await poll(
      () => lab.on(name, missing),
      (out) => out === "",
      { within: 60, every: 2 },
    );
    expect(left).toBe("");
  }

  /** Clients lose no request and no connection that stays open, and stay on their servers. */
  function nothingLost(what: string, { requests, failed, wait, gap, kept, servers }: Noticed): void {
    const load = loadavg()
      .map((one) => one.toFixed(1))
      .join(" ");
    process.stderr.write(
      `| ${experiment}: ${what} | ${gap} ms | ${wait} ms | ${failed.length} of ${requests} | ${kept} of 20 | load ${load} |\n`,
    );
    expect(failed).toEqual([]);
    expect(kept).toBe(20);
    for (const source of CLIENTS.sources) {
      const [http, https] = ["http", "https"].map((scheme) => servers[`${scheme} ${source}`]);
      expect(http).toHaveLength(1);
      // With NAT each port is a service of its own.
      if (experiment === "nat") expect(https).toHaveLength(1);
      else expect(https).toEqual(http);
    }
  }

  afterAll(async () => {
    removeArtefacts();
    if (!process.env.LVS_KEEP_LAB) await lab.clear();
  });

  it("comes up", async () => {
    await lab.clear();
    await must(["lab", "up", lab.name]);
    for (const [key, value] of Object.entries(settings)) await lab.configure(key, value);
    await must(["start", experiment, "--stack", lab.name]);
    const add = CLIENTS.sources.map((address) => `ip address replace ${address}/24 dev eth0`);
    await lab.inLab(add.join("; "), CLIENTS.host);
    await quiet();
  });

  it("goes on with every connection when the director that serves loses power", async () => {
    const { holder, standby } = await quiet();
    const noticed = await noticedUnder(lab, LOAD, async (ports) => {
      await hasHeard(standby, ports);
      await lab.powerOff(holder);
      await poll(
        () => lab.on(standby, `ip -o address show to ${lab.vip}`),
        (has) => has !== "",
        { within: 60, every: 1 },
      );
    });
    await lab.powerOn(holder);
    expect(await quiet()).toEqual({ holder: standby, standby: holder });
    nothingLost("power off", noticed);
    expect(noticed.gap).toBeLessThanOrEqual(GAP);
  });

  it("is handed over by an operator, and nobody notices", async () => {
    const { holder, standby } = await quiet();
    const noticed = await noticedUnder(lab, LOAD, async () => {
      // The director that was lost may have entries of clients that are gone.
      const drained = await operate(lab, "drain", holder, "--reason", "new memory", "--timeout", "20", "--cut");
      expect(drained).toMatchObject({
        exit: 0,
        output: expect.stringContaining(`${experiment}: ${standby} has taken`),
      });
      expect(await operate(lab, "return", holder)).toMatchObject({ exit: 0 });
    });
    expect(await quiet()).toEqual({ holder: standby, standby: holder });
    nothingLost("hand-over", noticed);
  });

  it("has both directors rebooted, one after the other: the shop while a release goes round", async () => {
    const isShop = experiment === "shop";
    if (isShop) {
      const artefact: Artefact = repaintedShop((await lab.pulumi("config", "get", "artefact")).trim(), "#123abc");
      await lab.configure("application", JSON.stringify({ artefact }));
    }
    const { holder, standby } = await quiet();
    const load = { ...shopLoad, ...CLIENTS, ...(!isShop && { paths: ["/index.html"] }) };
    const answers = await lab.answersUnder(load, async () => {
      const release = isShop ? lab.up() : Promise.resolve("");
      // The reboots may fail first. The test ends then, and not before.
      release.catch(() => {});
      for (const name of [standby, holder]) {
        await lab.reboot([name]);
        await quiet();
      }
      await release;
    });
    process.stderr.write(`${experiment}: ${answers.length} requests during reboots of both\n`);
    expect(answers.length).toBeGreaterThan(100);
    expect(answers.filter(({ status }) => status !== "200")).toEqual([]);
    await lab.pulumi("up", "--refresh", "--yes", "--skip-preview");
    await lab.pulumi("preview", "--expect-no-changes");
  });
});

asked("a pair that another team's site is on as well", () => {
  const ha = new LabStack("ha-pair-test", "172.17.111.111", 13);
  const theirs = "172.17.111.110";

  /** The directors that have an address. */
  async function holders(vip: string): Promise<Director[]> {
    const has = (name: Director) => ha.on(name, `ip -o address show to ${vip}`).catch(() => "");
    const said = await Promise.all(directors.map(has));
    return directors.filter((_, at) => said[at] !== "");
  }

  const taken = (vip: string) =>
    poll(
      () => holders(vip),
      ({ length }) => length === 1,
      { within: 120, every: 1 },
    );

  afterAll(async () => {
    if (!process.env.LVS_KEEP_LAB) await ha.clear();
  });

  it("comes, stands by with the other one, and goes; neither stack sees a difference, and nobody notices", async () => {
    await ha.clear();
    await must(["start", "ha", "--stack", ha.name]);
    const team = await User.in(ha);
    const pulumi = async (...words: string[]) => {
      const { exit, text } = await team.try(
        ...["node", "tools/bootstrap.mjs", "pulumi", "-C", "test/lab/second-pair", "--color", "never", ...words],
      );
      if (exit !== 0) throw new Error(text);
    };
    const up = ["up", "-s", "second", "--yes", "--skip-preview"];
    const unchanged = ["up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes"];
    // What keepalived has loaded is noted with the time, and it has loaded more meanwhile.
    const everything = `ipvsadm -Sn; cd /; find etc/lvs etc/keepalived etc/sysctl.d var/lib/lvs -type f ! -path '*/loaded/*' |
      sort | xargs sha256sum`;
    const alone = await Promise.all(directors.map((name) => ha.on(name, everything)));
    const asked = `for i in 1 2; do curl -s -o /dev/null -D - --max-time 10 http://${theirs}/ | grep -i ^x-backend; done`;

    try {
      await pulumi("stack", "init", "second", "--no-select");
      const coming = await ha.underLoad(() => pulumi(...up));
      expect(new Set((await ha.inLab(asked, 2)).trim().split(/\s*\n/))).toEqual(
        new Set(["X-Backend: rs1", "X-Backend: rs2"]),
      );
      await ha.pulumi(...unchanged);
      await pulumi(...unchanged, "-s", "second");

      const [lost] = await taken(ha.vip);
      await ha.powerOff(lost as Director);
      const left = directors.filter((name) => name !== lost);
      expect([await taken(ha.vip), await taken(theirs)]).toEqual([left, left]);
      expect(await ha.inLab(asked, 2)).toMatch(/x-backend: rs/i);
      await ha.powerOn(lost as Director);

      const going = await ha.underLoad(() => pulumi("destroy", "-s", "second", "--yes", "--skip-preview"));
      for (const codes of [coming, going]) {
        expect(codes.length).toBeGreaterThan(10);
        expect(codes.filter((code) => code !== "200")).toEqual([]);
      }
      expect(await Promise.all(directors.map((name) => ha.on(name, everything)))).toEqual(alone);
      await ha.pulumi(...unchanged);
    } finally {
      await team.leave();
    }
  });
});
