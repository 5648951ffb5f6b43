import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artefact, removeArtefacts } from "../artefact";
import { nodeApplication, repaintedShop } from "./artefacts";
import { type Answer, shopLoad } from "./load";
import { changed } from "./snapshot";
import { type LabStack, must, root, run } from "./stack";

const TABLE = [
  "-A -f 99 -s wlc -p 300",
  "-a -f 99 -r 172.17.111.222:0 -g -w 1",
  "-a -f 99 -r 172.17.111.234:0 -g -w 1",
];

/** A shop on two real servers, on the machines of the other experiments. */
export function shop(lab: LabStack, before: Record<string, string[]>): void {
  const servers = ["rs1", "rs2"] as const;

  /** The shop's artefact, after the first change of it. */
  let artefact: Artefact;

  afterAll(removeArtefacts);

  /** The release that each server runs, as the server's own link has it. */
  function releases(): Promise<string[]> {
    return Promise.all(servers.map(async (name) => (await lab.on(name, "readlink /srv/shop/current")).trim()));
  }

  /** A variable in the environment of the running release. */
  async function environment(variable: string): Promise<string> {
    const line = await lab.on("rs1", `grep '^${variable}=' /srv/shop/current/environment`);
    return line.trim().slice(variable.length + 2, -1);
  }

  /**
   * Makes requests during `work`, and looks at the director's table every second. Returns the answers, and the number
   * of real servers with a weight above 0 each second.
   */
  async function whileWatched(work: () => Promise<unknown>): Promise<{ answers: Answer[]; serving: number[] }> {
    const stop = `/run/watched-${Date.now()}`;
    const watch = lab.on(
      "director",
      `n=0; while [ ! -e ${stop} ] && [ $n -lt 900 ]; do ipvsadm -Sn | grep -c -- '-a -f 99 .* -w [1-9]'; n=$((n + 1)); sleep 1; done; rm -f ${stop}`,
    );
    const answers = await lab.answersUnder(shopLoad, work);
    await lab.on("director", `touch ${stop}`);
    return { answers, serving: (await watch).trim().split("\n").map(Number) };
  }

  function failed(answers: readonly Answer[]): Answer[] {
    return answers.filter(({ status }) => status !== "200");
  }

  /** Declares properties of the application in place of the shop's own. */
  function application(settings: object): Promise<string> {
    return lab.configure("application", JSON.stringify(settings));
  }

  it("is brought up with its database, behind one mark for http and https", async () => {
    // Experiment 3 had a shorter timeout.
    await lab.configure("timeout", "300");
    await must(["start", "shop", "--stack", lab.name]);
    expect(await lab.table()).toEqual(TABLE);
    expect(await lab.inLab(`curl -sk https://${lab.vip}/`, 1)).toMatch(/LVS Outfitters[\s\S]*Enamel mug/);
    expect(await lab.up("--expect-no-changes")).toMatch(/Resources:\s+\d+ unchanged/);
  });

  it("keeps secrets out of everybody's sight", async () => {
    const secrets = await Promise.all(["DATABASE_URL", "SECRET_KEY"].map(environment));
    const password = new URL(secrets[0] ?? "").password;
    expect(password.length).toBeGreaterThan(30);
    const key = (await lab.on("rs1", "sed -n 2p /etc/nginx/lvs-shop.key")).trim();
    const state = await lab.pulumi("stack", "export");
    for (const secret of [password, secrets[1] as string, key]) {
      expect(state).not.toContain(secret);
      const everywhere = [...servers, "db", "director"].map(async (host) => {
        // The pattern must not contain the secret itself: the search is a process, too, and has the pattern in its
        // command line.
        const pattern = `[${secret.slice(0, 1)}]${secret.slice(1)}`;
        const where = `grep -rlsG -e '${pattern}' /etc /srv /var/lib/lvs /var/log /run /tmp /proc/[0-9]*/cmdline | xargs -r stat -c '%a %U %n' || :`;
        const found = (await lab.on(host, where)).split("\n").filter((line) => /^\d/.test(line));
        for (const file of found) expect(file).toMatch(/^600 root /);
        expect(found.length).toBe(servers.some((name) => name === host) ? 1 : 0);
      });
      await Promise.all(everywhere);
    }
  });

  it("sells to a customer with a browser", async () => {
    expect(await lab.inside("shop.browser")).toMatch(/Tests: +2 passed, 2 total/);
  });

  it("oversells nothing, and shows nobody another one's basket", async () => {
    expect(await lab.inside("shop.orders")).toMatch(/Tests: +3 passed, 3 total/);
  });

  it("finishes on one server the order that a customer began on the other one, which lost its power", async () => {
    const half = await lab.customer("begin");
    const [gone] = half.servers as [(typeof servers)[number]];
    // The server loses power after one second, so that this command still gets its answer.
    await lab.on(gone, "(sleep 1; echo o > /proc/sysrq-trigger) >/dev/null 2>&1 &");
    await lab.isOff(gone);
    const whole = await lab.customer("finish");
    const other = servers.find((name) => name !== gone);
    expect(whole.servers).toEqual([other]);
    const [order] = whole.orders;
    expect(order).toMatch(/^\d+$/);
    expect(new Set(whole.orders)).toEqual(new Set([order]));
    const count = `cd / && runuser -u postgres -- psql -Atc "select count(*) from order_order where number = '${order}'" shop`;
    expect((await lab.on("db", count)).trim()).toBe("1");
    await must(["lab", "up", lab.name]);
    await lab.tableBecomes(TABLE);
    await lab.up("--refresh");
    await lab.pulumi("preview", "--expect-no-changes");
  });

  it("sees what was changed by hand on a server, and repairs it while the other one serves", async () => {
    const [runs] = await releases();
    const byHand =
      "systemctl stop shop; cd /srv/shop/current; echo 'X=\"1\"' >>environment; echo '# by hand' >>app/manage.py";
    await lab.on("rs1", byHand);
    const seen = await lab.pulumi("refresh", "--yes", "--diff");
    expect(seen).toMatch(/rs1: "[0-9a-f]+" => "[0-9a-f]+, its files were changed, not restarted .*, inactive"/);
    expect(seen).toMatch(/release\s*: "[0-9a-f]+" => "[0-9a-f]+, app was changed, environment was changed"/);
    // Until the server is taken out, its clients get errors. The health check does not notice, because nginx itself
    // serves ok.html.
    const { answers, serving } = await whileWatched(() => lab.up());
    expect(failed(answers).filter(({ server, status }) => server !== "rs1" || status !== "502")).toEqual([]);
    expect(Math.min(...serving)).toBe(1);
    expect(await releases()).toEqual([runs, runs]);
    await lab.up("--refresh", "--expect-no-changes");
  });

  it("rolls a new release out, one server after the other, without losing a request", async () => {
    const [old] = await releases();
    artefact = repaintedShop((await lab.pulumi("config", "get", "artefact")).trim(), "#123abc");
    await application({ artefact });
    const preview = await lab.pulumi("preview", "--diff");
    expect(preview.match(/"[0-9a-f]{32}" => "[0-9a-f]{32}"/g)?.length).toBeGreaterThanOrEqual(3);
    const { answers, serving } = await whileWatched(() => lab.up());
    expect(answers.length).toBeGreaterThan(100);
    expect(failed(answers)).toEqual([]);
    expect(Math.min(...serving)).toBe(1);
    const now = await releases();
    expect(now[0]).not.toBe(old);
    expect(now[1]).toBe(now[0]);
    expect(await lab.inLab(`curl -s http://${lab.vip}/static/shop/shop.css`)).toContain("#123abc");
    expect(await lab.table()).toEqual(TABLE);
    expect(await lab.on("director", "ls /etc/ha.d/maintenance /var/lib/lvs/maintenance 2>/dev/null || :")).not.toMatch(
      /172/,
    );
  });

  it("takes a release back that does not get ready, and says why", async () => {
    const runs = await releases();
    const start = ["/bin/sh", "-c", "echo out of order; exec sleep 1000"];
    await application({ artefact, start, ready: { path: "/readyz", within: 40 } });
    const { answers, serving } = await whileWatched(async () => {
      const { exit, text } = await run(["pulumi", "up", "--yes", "--skip-preview", "-s", lab.name, "--color", "never"]);
      expect(exit).not.toBe(0);
      expect(text).toMatch(/waiting until rs1 is ready: \/readyz answers 502/);
      expect(text).toMatch(/The end of its log:[\s\S]*out of order/);
      expect(text).toMatch(/rs1 runs release [0-9a-f]{12} again; the other servers go on as they are/);
    });
    expect(failed(answers)).toEqual([]);
    expect(Math.min(...serving)).toBe(1);
    expect(await releases()).toEqual(runs);
    expect(await lab.table()).toEqual(TABLE);
  });

  it("gives way to another application after that, by configuration alone, and goes on where it was interrupted", async () => {
    const [old] = await releases();
    await application({
      artefact: nodeApplication(),
      ...{ start: ["/srv/shop/current/app/node", "server.js"], prepare: ["true"] },
      ...{ static: {}, ready: { path: "/readyz", contains: "ready" }, environment: { NAME: "Node" } },
    });
    const { answers, serving } = await whileWatched(async () => {
      await lab.upKilledAt("rs1 leaves the table");
      expect(await lab.on("director", "ls /var/lib/lvs/maintenance")).toMatch("172.17.111.234");
      expect(await releases()).toContain(old);
      await lab.up();
    });
    expect(failed(answers)).toEqual([]);
    expect(Math.min(...serving)).toBe(1);
    expect(await lab.inLab(`curl -sk https://${lab.vip}/`, 1)).toBe("hello from Node");
    expect(await releases()).not.toContain(old);
    expect(await lab.table()).toEqual(TABLE);
    await lab.pulumi("preview", "--expect-no-changes");
  });

  it("leaves every host as it was found when it goes, but for what customers made", async () => {
    await must(["start", "bare", "--stack", lab.name]);
    const left = await changed(lab, before);
    expect(left.director).toEqual([]);
    for (const name of servers)
      expect(left[name]?.filter((line) => !/^\+ (\S+ +)?srv\/shop\/shared\/media\//.test(line))).toEqual([]);
    const orders = "cd / && runuser -u postgres -- psql -Atc 'select count(*) from order_order' shop";
    expect(Number(await lab.on("db", orders))).toBeGreaterThan(3);
    expect(
      await lab.on("db", "ls -d /var/lib/lvs /etc/systemd/system/postgresql@15-main.service.d 2>&1 || :"),
    ).not.toMatch(/^\//m);
  });

  it("keeps a picture of the shop", async () => {
    const picture = await readFile(join(root, ".lab", "screenshots", lab.name, "http-1-home.png"));
    expect(picture.subarray(1, 4).toString()).toBe("PNG");
  });
}
