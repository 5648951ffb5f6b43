import { join } from "node:path";
import { Keepalived, Metrics, VirtualService } from "pulumi-lvs";
import { declaredHost, drainServer, returnServer } from "../../provider/operations";
import { renderLdirectord } from "../../sdk/ldirectord/config";
import { manageServices } from "../namespaces/service-manager";
import { Stack } from "./engine";
import { type KernelHost, SharedKernel } from "./kernel";
import { download } from "./load";
import { dashboard, installExporter, Prometheus, promtool, rules } from "./prometheus";
import { ask, declared, serve, until } from "./site";

jest.setTimeout(300_000);

// Debian's exporter on hosts with real tables, and Debian's Prometheus with the package's rules: each alert is seen firing.

const VIP = "10.0.0.9";
const stack = new Stack();
let kernel: SharedKernel;
let hosts: Record<"d1" | "d2" | "rs1" | "client", KernelHost>;
let prometheus: Prometheus;

beforeAll(async () => {
  kernel = await SharedKernel.boot();
  const on = (last: number) => ({ eth0: ["lan", `10.0.0.${last}/24`] }) as const;
  hosts = await kernel.hosts({ d1: on(2), d2: on(3), rs1: on(11), client: on(21) });
  await serve(hosts.rs1);
  await hosts.rs1.run(
    `sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2; ip address add ${VIP}/32 dev lo`,
  );
  for (const host of [hosts.d1, hosts.d2]) {
    await manageServices(host);
    await installExporter(host);
  }
});
afterAll(async () => {
  await prometheus?.end();
  await kernel?.end();
});

/** The VIP floats between two directors, of which one has a table. */
const site =
  ({ watched = true } = {}) =>
  () => {
    const directors = [declared(hosts.d1), declared(hosts.d2)] as const;
    const [host] = directors;
    const own = ["10.0.0.2", "10.0.0.3"] as const;
    const destinations = { "10.0.0.11:80": {} };
    new VirtualService("shop", { host, address: VIP, port: 80, forwarding: "dr", destinations });
    directors.forEach((host, i) => {
      const how = { instance: "dr", device: "eth0", priority: 150 - i, addresses: [{ address: VIP }] };
      const peers = own.filter((_, other) => other !== i);
      new Keepalived(`vip-${host.name}`, { host, ...how, source: own[i] as string, peers });
    });
    if (watched) new Metrics("shop", { directors: [...directors], interval: 2, scrapers: ["10.0.0.50"] });
  };

/** The times of the rules are for a site; the order of what happens stays. */
const sooner = (text: string) => text.replace(/for: \d+m/g, "for: 1s").replaceAll("> 120", "> 10");

test("promtool accepts the rules, and each alert comes when it should", async () => {
  expect(await promtool("check", "rules", join(__dirname, "../../sdk/prometheus/rules.yml"))).toContain("SUCCESS");
  expect(await promtool("test", "rules", join(__dirname, "alerts.yml"))).toContain("SUCCESS");
});

test("each exporter listens on its host's own address alone, and tells of IPVS and of what was declared", async () => {
  await stack.up(site());
  expect(await stack.preview(site())).toEqual([]);
  for (const host of [hosts.d1, hosts.d2])
    expect((await host.run("ss -Hltn 'sport = 9100'")).split(/\s+/)[3]).toBe(`${host.address}:9100`);

  await until(hosts.d1, "/etc/lvs/metrics shop", /state="MASTER"\} 1/);
  const figures = await until(hosts.d1, `curl -sS http://${hosts.d1.address}:9100/metrics`, /^lvs_vip_held.* 1$/m);
  const series = figures.split("\n").filter((line) => /^(lvs_|node_ipvs_backend|node_textfile)/.test(line));
  const labels =
    'local_address="10.0.0.9",local_mark="",local_port="80",proto="TCP",remote_address="10.0.0.11",remote_port="80"';
  expect(series).toEqual(
    expect.arrayContaining([
      `node_ipvs_backend_weight{${labels}} 1`,
      `node_ipvs_backend_connections_active{${labels}} 0`,
      "node_textfile_scrape_error 0",
      'lvs_vip_held{site="shop",vip="10.0.0.9"} 1',
      'lvs_vrrp_state{site="shop",state="MASTER",vrrp="dr"} 1',
      'lvs_vrrp_state{site="shop",state="BACKUP",vrrp="dr"} 0',
      'lvs_table_differences{service="10.0.0.9:80",site="shop"} 0',
      'lvs_series_left_out{site="shop"} 0',
    ]),
  );
});

test("no alert while all is well", async () => {
  const targets = [hosts.d1, hosts.d2].map(({ address }) => `${address}:9100`);
  prometheus = new Prometheus(targets, sooner);
  await prometheus.untilSeries("up == 1", targets.length);
  expect(await ask(hosts.client, `http://${VIP}/`, 2)).toEqual(["rs1", "rs1"]);
  await prometheus.untilSeries("lvs_server_connections", 1);
  await prometheus.untilAlerts();
});

test("a hanging drain, long maintenance, failing checks, lost services, a dead keepalived, too many figures", async () => {
  const running = await download(hosts.client, `http://${VIP}/slow`);
  const note = { reason: "a disk", by: "root@here", since: "2026-01-01T00:00:00Z" };
  const [d1, address] = [declaredHost.parse(hosts.d1.declare()), "10.0.0.11"];
  const balancers = [{ director: d1, vips: [VIP] }];
  const draining = drainServer(balancers, address, note, { timeout: 200, onTimeout: "fail", force: true });
  const real = { "10.0.0.11:80": { forwarding: "dr" }, "10.0.0.12:80": { forwarding: "dr", weight: 3 } } as const;
  const virtuals = { "10.0.0.8:80": { real, service: "http", request: "ok", receive: "OK" } } as const;
  await hosts.d1.run("mkdir -p /etc/ha.d; cat >/etc/ha.d/ldirectord.cf", renderLdirectord({ globals: {}, virtuals }));
  await hosts.d1.run("ipvsadm -A -t 10.0.0.8:80 -s wrr; ipvsadm -a -t 10.0.0.8:80 -r 10.0.0.12:80 -g -w 3");
  await hosts.d2.run(`for i in $(seq 1100); do echo "-A -f $i -s rr"; done >/etc/lvs/boot.d/50-VirtualService.many
    mkdir -p /etc/bird/lvs.d; echo '    route 10.9.0.9/32 unreachable;' >/etc/bird/lvs.d/web.conf
    systemctl stop keepalived`);
  await prometheus.untilAlerts(
    ...[
      "LvsAnnouncedToNobody",
      "LvsNoHolder",
      "LvsDrainHangs",
      "LvsFiguresLeftOut",
      "LvsKeepalivedUnfit",
      "LvsServerDown",
      "LvsServerOutTooLong",
    ],
    ...["LvsServiceWithoutServer", "LvsTableDiffers"],
  );
  const [out] = await prometheus.query("lvs_maintenance_since_seconds");
  expect(out).toMatchObject({ metric: { server: address, site: "shop" }, value: [expect.any(Number), "1767225600"] });
  const down = await prometheus.query("lvs_destination_up == 0");
  expect(down.map(({ metric }) => metric.destination)).toEqual(["10.0.0.11:80"]);
  const different = await prometheus.query('lvs_table_differences{service!~"[0-9]+"} > 0');
  expect(different).toEqual([]);
  await running.finish();
  await draining;
  await returnServer(balancers, address);
  await hosts.d1.run("ipvsadm -a -t 10.0.0.8:80 -r 10.0.0.11:80 -g -w 1");
  await hosts.d2.run("rm -r /etc/lvs/boot.d/50-VirtualService.many /etc/bird");
});

test("nobody has the VIP, then two have it", async () => {
  await hosts.d1.run("systemctl stop keepalived");
  await prometheus.untilAlerts("LvsKeepalivedUnfit", "LvsNoHolder");
  for (const host of [hosts.d2, hosts.d1]) await host.run(`ip address add ${VIP}/32 dev eth0`);
  await prometheus.untilAlerts("LvsKeepalivedUnfit", "LvsTwoHolders");
  await hosts.d2.run(`ip address del ${VIP}/32 dev eth0`);
});

test("figures that are old", async () => {
  const metrics = "$(cat /run/units/lvs-metrics.service.pid)";
  await hosts.d2.run(`kill -STOP ${metrics}`);
  try {
    await prometheus.untilAlerts("LvsFiguresStale", "LvsKeepalivedUnfit");
  } finally {
    await hosts.d2.run(`kill -CONT ${metrics}`);
  }
});

test("a server that answers no SYN", async () => {
  await hosts.client.run("ip neighbour flush dev eth0");
  await hosts.rs1.run("ip route add blackhole 10.0.0.21");
  // The kernel forgets such a connection after a minute. The client goes on until the alert was seen.
  const again = `curl -s -o /dev/null --max-time 1 http://${VIP}/ || :`;
  const requests = hosts.client.run(`for i in $(seq 150); do [ ! -e /run/seen ] || break; ${again}; done`);
  try {
    await prometheus.untilAlerts("LvsKeepalivedUnfit", "LvsUnanswered");
  } finally {
    await hosts.client.run(": >/run/seen");
    await requests;
  }
  expect(await prometheus.query("lvs_server_unanswered > 2")).toMatchObject([{ metric: { server: "10.0.0.11" } }]);
});

test("without Metrics the hosts have none of it, and Prometheus misses the directors", async () => {
  await stack.up(site({ watched: false }));
  for (const host of [hosts.d1, hosts.d2]) {
    const left = "ls -d /etc/lvs/metrics /etc/systemd/system/*metrics* /etc/systemd/system/*exporter* /run/lvs-metrics";
    expect(await host.run(`${left} || :; ls -A /var/lib/prometheus/node-exporter; ss -Hltn 'sport = 9100'`)).toBe("");
  }
  await prometheus.untilAlerts("LvsDirectorDown");
});

test("the rules and the dashboard ask for what there is, and the dashboard's pictures have a place each", async () => {
  const there = (await prometheus.ask("label/__name__/values")) as string[];
  const expressions = dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
    targets.map(({ expr }) => expr.replaceAll("$site", "shop")),
  );
  const names = [...rules.matchAll(/expr: (.*)/g)].map(([, one = ""]) => one).concat(expressions);
  const used = new Set(names.flatMap((one) => one.match(/(instance:|service:)?\b(lvs|node)_\w+(:\w+)?|\bup\b/g) ?? []));
  expect(used.size).toBeGreaterThan(15);
  expect([...used].filter((name) => !there.includes(name))).toEqual([]);
  for (const one of expressions) await prometheus.query(one);

  const taken = new Set<string>();
  for (const { gridPos } of dashboard.panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x).toBeLessThan(24);
        expect(taken).not.toContain(`${x} ${y}`);
        taken.add(`${x} ${y}`);
      }
  expect(new Set(dashboard.panels.map(({ id }: { id: number }) => id)).size).toBe(dashboard.panels.length);
});
