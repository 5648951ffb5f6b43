import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { Host, Metrics, type MetricsArgs } from "../../sdk/index";
import { type KeepalivedVirtuals, renderChecks } from "../../sdk/keepalived/checks-config";
import { FIGURES } from "../../sdk/metrics/figures";
import { METRICS_SCRIPT } from "../../sdk/metrics/script";
import { textOf } from "../guide";
import { only, type Registered, register } from "./registered";

const director = new Host("director", { address: "172.17.111.2" });
const rs1 = new Host("rs1", { address: "2001:db8::11" });
const declare = (args: Partial<MetricsArgs> = {}) =>
  register(() => new Metrics("shop", { directors: [director], servers: [rs1], ...args }));
const kinds = (registered: readonly Registered[]) =>
  registered.map(({ type, name }) => `${type.split(":").pop()} ${name}`).sort();

test("an exporter on each host, and our own figures on directors", async () => {
  expect(kinds(await declare())).toEqual([
    "File shop-director-exporter",
    "File shop-director-figures",
    "File shop-director-figures-unit",
    "File shop-rs1-exporter",
    "Metrics shop",
    "Package shop-director-exporter",
    "Package shop-rs1-exporter",
    "SystemdService shop-director-exporter",
    "SystemdService shop-director-figures",
    "SystemdService shop-rs1-exporter",
  ]);
});

test("the address is there before the package starts the exporter, and a package of ours goes with it", async () => {
  const registered = await declare({ port: 9101 });
  const dropIn = (name: string) => only(registered, "File", `${name}-exporter`).inputs.content;
  expect(dropIn("shop-director")).toContain(
    "ExecStart=/usr/bin/prometheus-node-exporter --web.listen-address=172.17.111.2:9101 --collector.ipvs $ARGS\n",
  );
  expect(dropIn("shop-rs1")).toContain(" --web.listen-address=[2001:db8::11]:9101 $ARGS\n");
  const installed = only(registered, "Package", "shop-rs1-exporter");
  expect(installed).toMatchObject({ dependsOn: ["shop-rs1-exporter"], inputs: { removeOnDelete: true } });
});

test("site and interval reach the script by its unit; what changes restarts it", async () => {
  const registered = await declare({ site: "other", interval: 30 });
  const unit = only(registered, "File", "shop-director-figures-unit").inputs;
  expect(unit).toMatchObject({ path: "/etc/systemd/system/lvs-metrics.service" });
  expect(unit.content).toContain("ExecStart=/etc/lvs/metrics other 30 /run/lvs-metrics/lvs.prom ");
  const service = only(registered, "SystemdService", "shop-director-figures");
  expect(service.inputs.reload).toBe("restart");
  expect(Object.keys(service.inputs.configuration as object).sort()).toEqual([
    "/etc/lvs/metrics",
    "/etc/systemd/system/lvs-metrics.service",
  ]);
});

test("each firewall lets each Prometheus in once; nobody by default", async () => {
  const rules = (
    await declare({ scrapers: ["172.17.111.5", "172.17.111.5/32", "2001:db8::/64", "2001:DB8:0::/64"] })
  ).filter(({ type }) => type.endsWith(":FirewallRule"));
  expect(rules.map(({ inputs }) => `${inputs.port} ${inputs.source}`)).toEqual([
    "9100 172.17.111.5",
    "9100 2001:db8::/64",
    "9100 172.17.111.5",
    "9100 2001:db8::/64",
  ]);
});

test("the targets are what Prometheus asks", async () => {
  let metrics: Metrics | undefined;
  await register(() => {
    metrics = new Metrics("shop", { directors: [{ host: director, address: "10.0.0.2" }], servers: [rs1] });
  });
  expect(metrics?.targets).toEqual(["10.0.0.2:9100", "[2001:db8::11]:9100"]);
  // A Host without an address is reached by its name.
  await register(() => {
    metrics = new Metrics("shop", { directors: [new Host("10.0.0.7")] });
  });
  expect(metrics?.targets).toEqual(["10.0.0.7:9100"]);
});

const refused: [args: Partial<MetricsArgs>, message: RegExp][] = [
  [{ directors: [] }, /directors: is empty: give at least one director/],
  [{ directors: [new Host("www", { address: "www.example.org" })] }, /directors\[0\]\.address: "www\.example/],
  [{ directors: [new Host("none")] }, /directors\[0\]\.address: is missing, and Host "none"/],
  [{ directors: [{ host: director, address: "0.0.0.0" }] }, /"0\.0\.0\.0" is no address of one host/],
  [{ servers: [director] }, /servers\[0\]: the host director is declared twice/],
  [{ site: 'a"b' }, /site: "a"b" is no label of ours/],
  [{ scrapers: ["172.17.111.5", "prometheus"] }, /scrapers\[1\]: "prometheus" is not a network\. Write it like/],
  [
    { scrapers: ["172.17.111.5", "172.17.111.5", "prometheus"] },
    /scrapers\[2\]: "prometheus" is not a network\. Write it like/,
  ],
  [{ scrapers: ["0.0.0.0/0"] }, /scrapers\[0\]: "0\.0\.0\.0\/0" lets everybody in/],
  [{ port: 0 }, /port: 0 is not a number from 1 to 65535/],
  [{ interval: 0.5 }, /interval: 0\.5 is not a whole number/],
  [{ servers: ["rs1"] } as never, /servers\[0\]: is a text, and a Host, or \{ host, address \}, is needed/],
  [{ targets: [] } as never, /targets: there is no such property/],
];
test.each(refused)("%j is refused", (args, message) => {
  expect(() => new Metrics("shop", { directors: [director], servers: [rs1], ...args })).toThrow(message);
});

/** The figures that these facts make, without those that are always there. */
function figures(...facts: string[]): string[] {
  const { stdout } = spawnSync("awk", ["-v", "site=shop", FIGURES], {
    input: `${facts.join("\n")}\n`,
    encoding: "utf8",
  });
  return stdout
    .split("\n")
    .filter((line) => line !== "" && !/^# TYPE |^lvs_(written_seconds|series_left_out)\{/.test(line))
    .map((line) => line.replace('{site="shop",', "{"))
    .sort();
}

const WANTED = [
  "declared -A -t 10.0.0.9:80 -s wrr",
  "declared -a -t 10.0.0.9:80 -r 10.0.0.11:80 -g -w 1",
  "declared -a -t 10.0.0.9:80 -r 10.0.0.12:80 -g -w 2",
];
const THERE = WANTED.map((line) => line.replace("declared", "table"));
const OUT = ["out 10.0.0.11 77", "place -t 10.0.0.9:80|10.0.0.11:80|1"];
const SINCE = 'lvs_maintenance_since_seconds{server="10.0.0.11"} 77';
const CHECKED = [
  ...["checked virtual 10.0.0.8:80", "checked real 10.0.0.11:80 gate 1", "checked real 10.0.0.12:80 gate 3"],
  ...["checked protocol tcp", "checked scheduler rr", "table -A -t 10.0.0.8:80 -s rr"],
];
const up = (one: number, other: number, differences = 0) => [
  `lvs_destination_up{service="10.0.0.8:80",destination="10.0.0.11:80"} ${one}`,
  `lvs_destination_up{service="10.0.0.8:80",destination="10.0.0.12:80"} ${other}`,
  `lvs_table_differences{service="10.0.0.8:80"} ${differences}`,
];
const differs = (count: number, service = "10.0.0.9:80") => `lvs_table_differences{service="${service}"} ${count}`;

/** What the script says of a file for keepalived's checks. */
const keepalived = (virtuals: KeepalivedVirtuals) =>
  renderChecks(virtuals)
    .trimEnd()
    .split("\n")
    .map((line) => `keepalived ${line}`);

test.each<[what: string, facts: string[], figures: string[]]>([
  ["as declared", [...WANTED, ...THERE], [differs(0)]],
  ["no service", WANTED, [differs(1)]],
  [
    "another scheduler, one destination lost, one too many",
    [...WANTED, "table -A -t 10.0.0.9:80 -s rr", THERE[1] as string, "table -a -t 10.0.0.9:80 -r 10.0.0.7:80 -g -w 1"],
    [differs(3)],
  ],
  ["another weight", [...WANTED, ...THERE.map((line) => line.replace("-w 2", "-w 5"))], [differs(1)]],
  [
    "out for maintenance",
    [...WANTED, ...THERE.map((line) => line.replace("-w 1", "-w 0")), ...OUT],
    [SINCE, differs(0)],
  ],
  [
    "out, and its weight came back by hand",
    [...WANTED, ...THERE.map((line) => line.replace("-w 1", "-w 4")), ...OUT],
    [SINCE, differs(1)],
  ],
  [
    "out for an operator, and for a rollout",
    [...WANTED, ...THERE.map((line) => line.replace("-w 1", "-w 0")), ...OUT, "out 10.0.0.11 99"],
    [SINCE, differs(0)],
  ],
  ["a service of somebody else", ["table -A -t 10.0.0.7:80 -s rr"], []],
  [
    "a large mark of IPv6, which ipvsadm prints as a negative number",
    [
      "declared -A -f 4000000000 -6 -s rr",
      "declared -a -f 4000000000 -6 -r [fd00::11]:0 -i -w 1",
      "table -A -f -294967296 -6 -s rr",
      "table -a -f -294967296 -6 -r [fd00::11]:0 -i -w 1",
    ],
    [differs(0, "4000000000/ipv6")],
  ],
  [
    "UDP and SCTP",
    [
      "declared -A -u 10.0.0.9:53 -s rr",
      "declared -A --sctp-service 10.0.0.9:99 -s rr",
      "table -A -u 10.0.0.9:53 -s rr",
    ],
    [differs(0, "10.0.0.9:53/udp"), differs(1, "10.0.0.9:99/sctp")],
  ],
  [
    "checked: both fit",
    [...CHECKED, "table -a -t 10.0.0.8:80 -r 10.0.0.11:80 -g -w 1", "table -a -t 10.0.0.8:80 -r 10.0.0.12:80 -g -w 3"],
    up(1, 1),
  ],
  ["checked: one absent, one quiet", [...CHECKED, "table -a -t 10.0.0.8:80 -r 10.0.0.12:80 -g -w 0"], up(0, 0)],
  [
    "checked: one out, one with another weight",
    [
      ...CHECKED,
      "table -a -t 10.0.0.8:80 -r 10.0.0.12:80 -g -w 9",
      "out 10.0.0.11 77",
      "place -t 10.0.0.8:80|10.0.0.11:80|1",
    ],
    [up(1, 1, 1)[0], up(1, 1, 1)[1], SINCE, up(1, 1, 1)[2]] as string[],
  ],
  [
    "checked by a mark",
    ["checked virtual6 99", "checked real6 [fd00::11]:80 gate 1", "checked protocol fwm", "checked scheduler rr"],
    ['lvs_destination_up{service="99/ipv6",destination="[fd00::11]:80"} 0', differs(1, "99/ipv6")],
  ],
  [
    "a VIP that is there, and one that is not",
    ["vip 10.0.0.9", "vip fd00::9", "has fd00::9"],
    ['lvs_vip_held{vip="10.0.0.9"} 0', 'lvs_vip_held{vip="fd00::9"} 1'],
  ],
  [
    "directors that serve at the same time: a VIP that a router hears of, one that nobody hears of, one that is given up",
    [
      ...["vip 10.0.0.9", "has 10.0.0.9", "announces 10.0.0.9 heard", "has fd00::9", "announces fd00::9 unheard"],
      ...["vip 10.0.0.7", "has 10.0.0.7", "announces 10.0.0.7 withdrawn", "announces 10.0.0.6 heard"],
    ],
    [
      ...["10.0.0.6", "10.0.0.7", "10.0.0.9", "fd00::9"].map(
        (vip) => `lvs_vip_announced{vip="${vip}"} ${vip === "10.0.0.9" ? 1 : 0}`,
      ),
      ...["10.0.0.6", "10.0.0.7", "10.0.0.9", "fd00::9"].map(
        (vip) => `lvs_vip_withdrawn{vip="${vip}"} ${vip === "10.0.0.7" ? 1 : 0}`,
      ),
    ],
  ],
  [
    "checked by keepalived: one fits, one is gone, one gets nothing",
    [
      ...keepalived({
        "10.0.0.8:80": {
          ...{ scheduler: "rr", inhibitOnFailure: true, sorryServer: { address: "10.0.0.99" } },
          real: {
            "10.0.0.11:80": { forwarding: "dr" },
            "10.0.0.12:80": { forwarding: "dr", weight: 3 },
            "10.0.0.13:80": { forwarding: "dr", weight: 2 },
          },
        },
      }),
      ...["table -A -t 10.0.0.8:80 -s rr", "table -a -t 10.0.0.8:80 -r 10.0.0.12:80 -g -w 3"],
      ...["table -a -t 10.0.0.8:80 -r 10.0.0.13:80 -g -w 0", "table -a -t 10.0.0.8:80 -r 10.0.0.99:80 -g -w 1"],
    ],
    [...up(0, 1).slice(0, 2), up(0, 0)[1]?.replace("12:80", "13:80") as string, differs(0, "10.0.0.8:80")],
  ],
  [
    "checked by keepalived: a mark of IPv6, and UDP whose table is lost",
    keepalived({
      "99/ipv6": { real: { "[fd00::11]:0": { forwarding: "tun", weight: 0 } } },
      "10.0.0.9:53/udp": { real: { "10.0.0.11:53": { forwarding: "nat" } } },
    }).concat("table -A -f 99 -6 -s wrr", "table -a -f 99 -6 -r [fd00::11]:0 -i -w 0"),
    [
      'lvs_destination_up{service="10.0.0.9:53/udp",destination="10.0.0.11:53"} 0',
      'lvs_destination_up{service="99/ipv6",destination="[fd00::11]:0"} 1',
      ...[differs(1, "10.0.0.9:53/udp"), differs(0, "99/ipv6")],
    ],
  ],
  [
    "connections, and templates of persistence",
    [
      "connection 00:56 SYN_RECV [fd00::21]:4 [fd00::9]:80 [fd00::11]:80",
      "connection 14:56 ESTABLISHED [fd00::21]:5 [fd00::9]:80 [fd00::11]:8080",
      "connection 04:56 NONE 10.0.0.21:0 10.0.0.9:80 10.0.0.12:80",
    ],
    ['lvs_server_connections{server="fd00::11"} 2', 'lvs_server_unanswered{server="fd00::11"} 1'],
  ],
])("figures: %s", (_, facts, expected) => {
  expect(figures(...facts)).toEqual(expected);
});

test("the script is one that a shell reads", () => {
  expect(spawnSync("sh", ["-n"], { input: METRICS_SCRIPT, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

test("figures: a state that keepalived has and we do not is unknown", () => {
  const states = (state: string) => figures(`vrrp dr ${state}`).filter((line) => line.endsWith(" 1"));
  expect(states("FAULT 5")).toEqual(['lvs_vrrp_state{vrrp="dr",state="FAULT"} 1']);
  expect(states("STOP 5")).toEqual(['lvs_vrrp_state{vrrp="dr",state="UNKNOWN"} 1']);
});

test("figures: no name has more than 1000 series", () => {
  const many = Array.from({ length: 1500 }, (_, i) => `vip 10.1.${i >> 8}.${i & 255}`);
  expect(figures(...many)).toHaveLength(1000);
});

/** The rows of the guide's table with this head, without the ticks of code. */
function rowsUnder(head: string): string[][] {
  const [, table = ""] = textOf("docs/metrics.md").split(`\n| ${head} `);
  const lines = table.split("\n\n")[0]?.split("\n").slice(2) ?? [];
  return lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.replaceAll("`", "").trim()),
  );
}

test("the guide has every figure", () => {
  const named = rowsUnder("figure").flatMap(([names = ""]) => names.split(", "));
  const told = [...FIGURES.matchAll(/tell\("(\w+)"/g)].map(([, name]) => name);
  expect([...new Set(told)].sort()).toEqual(named.sort());
});

test("the guide has every alert, with the time after which it fires", () => {
  const { groups } = parse(readFileSync(join(__dirname, "../../sdk/prometheus/rules.yml"), "utf8")) as {
    groups: { rules: { alert?: string; expr: string; for?: string }[] }[];
  };
  // What is asked for may be older than a time itself: "time() - … > 4 * 3600".
  const asked = (expr: string) => /^time\(\) - .* > ([\d *]+)$/.exec(expr)?.[1]?.split("*").map(Number) ?? [0];
  const minutes = ({ expr, for: lasting = "0m" }: { expr: string; for?: string }) =>
    Number.parseInt(lasting, 10) + asked(expr).reduce((product, factor) => product * factor, 1) / 60;
  const rules = groups.flatMap((group) => group.rules.filter(({ alert }) => alert));
  const named = rowsUnder("alert").flatMap(([names = "", , after = ""]) => {
    const times = after.split(", ");
    return names.split(", ").map((name, i) => [name, times[i] ?? ""]);
  });
  const fires = (rule: { expr: string; for?: string }) =>
    minutes(rule) >= 60 ? `${minutes(rule) / 60} h` : `${minutes(rule)} min`;
  expect(Object.fromEntries(named)).toEqual(Object.fromEntries(rules.map((rule) => [rule.alert, fires(rule)])));
});
