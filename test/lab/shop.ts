import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { removeArtefacts } from "../artefact";
import { repaintedShop } from "./artefacts";
import { type Answer, servingScript, shopLoad } from "./load";
import { changed } from "./snapshot";
import { type LabStack, must, root } from "./stack";

const TABLE = [
  "-A -f 99 -s wlc -p 300",
  "-a -f 99 -r 172.17.111.222:0 -g -w 1",
  "-a -f 99 -r 172.17.111.234:0 -g -w 1",
];

/** A shop on two real servers, on the machines of the other experiments. */
export function shop(lab: LabStack, before: Record<string, string[]>): void {
  const servers = ["rs1", "rs2"] as const;

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
    const watch = lab.on("director", servingScript(stop, 1));
    const answers = await lab.answersUnder(shopLoad, work);
    await lab.on("director", `touch ${stop}`);
    return { answers, serving: (await watch).trim().split("\n").map(Number) };
  }

  function failed(answers: readonly Answer[]): Answer[] {
    return answers.filter(({ status }) => status !== "200");
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

  it("rolls a new release out, one server after the other, without losing a request", async () => {
    const [old] = await releases();
    const artefact = repaintedShop((await lab.pulumi("config", "get", "artefact")).trim(), "#123abc");
    await lab.configure("application", JSON.stringify({ artefact }));
    const preview = await lab.pulumi("preview", "--diff");
    expect(preview.match(/"[0-9a-f]{32}" => "[0-9a-f]{32}"/g)?.length).toBeGreaterThanOrEqual(3);
    const { answers, serving } = await whileWatched(() => lab.up());
    expect(answers.length).toBeGreaterThan(40);
    expect(failed(answers)).toEqual([]);
    expect(Math.min(...serving)).toBe(1);
    const now = await releases();
    expect(now[0]).not.toBe(old);
    expect(now[1]).toBe(now[0]);
    expect(await lab.inLab(`curl -s http://${lab.vip}/static/shop/shop.css`)).toContain("#123abc");
    // What a rollout that fails tells as the end of the log.
    expect(await lab.on("rs1", "journalctl -u shop -n 15 --no-pager -o cat")).toMatch(/Listening at: http/);
    expect(await lab.table()).toEqual(TABLE);
    expect(await lab.on("director", "ls /etc/ha.d/maintenance /var/lib/lvs/maintenance 2>/dev/null || :")).not.toMatch(
      /172/,
    );
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
