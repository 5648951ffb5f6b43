import { readFileSync } from "node:fs";
import { join } from "node:path";
import { arrivingRules, directorRules, forwardingRules, serverRules, tellingRules } from "../provider/advice";
import { hostAdvice, judge, type PortOf, type Protocol, previewAdvice, type Rule } from "../provider/model";
import { namesRules } from "../provider/pulumi/advice";
import { expectationRule } from "../provider/workflows/traffic-check/expectation-rule";
import { checkRules, timesRules } from "../sdk/advice/health-rules";
import { schedulingRules } from "../sdk/advice/scheduling-rules";
import { siteRules } from "../sdk/advice/site-rules";
import { trafficRules } from "../sdk/advice/traffic-rules";

const preview = [
  ...[...siteRules, ...schedulingRules, ...checkRules, ...timesRules, ...trafficRules, ...namesRules, expectationRule],
] as unknown as Rule<unknown>[];
const onHosts = [
  ...[...directorRules, ...serverRules, ...arrivingRules, ...forwardingRules, ...tellingRules],
] as unknown as Rule<unknown>[];

test("every name is that of one rule", () => {
  const names = (rules: readonly Rule<unknown>[]) => rules.map(({ name }) => name).sort();
  expect(names(preview)).toEqual([...previewAdvice].sort());
  expect(names(onHosts)).toEqual([...hostAdvice].sort());
});

test("docs/advice.md has every rule, as the rule says it", () => {
  const page = readFileSync(join(__dirname, "../docs/advice.md"), "utf8");
  const line = ({ name, severity, cause, cure }: Rule<unknown>) => `- **${name}** (${severity}): ${cause}. ${cure}.`;
  const listed = page.split("\n").filter((text) => text.startsWith("- **"));
  expect(listed).toEqual([...preview, ...onHosts].map(line));
});

/** The names of the rules that facts break. */
const broken = <Facts>(rules: readonly Rule<Facts>[], facts: Facts) => [
  ...new Set(judge(rules, facts).map(({ name }) => name)),
];

const host = (name: string, address?: string) => ({ name, address });
const server = (name: string, address?: string, port?: number) => ({ host: host(name), address, port });
const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "tcp" as const, port }));
const nat = {
  forwarding: "nat" as const,
  director: host("director", "10.1.0.1"),
  ...{ vip: "10.1.0.1", ports: tcp(80), clients: ["10.1.0.0/24"] },
  servers: [server("rs1", "10.2.0.11", 8080), server("rs2", "10.2.0.12")],
};
const dr = { ...nat, forwarding: "dr" as const, vip: "10.1.0.9", servers: [server("rs1", "10.1.0.11", 80)] };
const unknown = { ...nat, vip: undefined, clients: [undefined], servers: [server("rs1"), server("rs2")] };

test.each([
  ["a NAT site", nat, []],
  ["a site of direct routing", dr, []],
  ["values that come later", unknown, []],
  ["values that come later, direct routing", { ...unknown, forwarding: "dr" as const }, []],
  ["clients beside servers", { ...nat, clients: ["10.2.0.0/16"] }, ["clients-beside-servers"]],
  ["clients beside servers, direct routing", { ...dr, clients: ["10.0.0.0/8"] }, []],
  ["another port", { ...dr, servers: [server("rs1", "10.1.0.11", 8080)] }, ["port-mapping"]],
  ["a port of several", { ...dr, ports: tcp(80, 443), servers: [server("rs1", "10.1.0.11", 80)] }, ["port-mapping"]],
  [
    "VIP and RIP swapped",
    {
      ...nat,
      clients: [],
      vip: "10.2.0.11",
      servers: [{ host: host("rs1", "10.2.0.11"), address: "10.1.0.1", port: 80 }],
    },
    ["swapped-addresses"],
  ],
  ["the director's own address", { ...dr, vip: "10.1.0.1" }, ["vip-of-director"]],
  [
    "the director's own address, spelled otherwise",
    { ...dr, director: host("d", "FD00:0::9"), vip: "fd00::9" },
    ["vip-of-director"],
  ],
])("addresses: %s", (_, facts, names) => {
  expect(broken(siteRules, facts)).toEqual(names);
});

const shares = (scheduler: string | undefined, weights: (number | undefined)[], bound = 0) => ({
  scheduler,
  servers: weights.map((weight, at) => ({ property: `realServers[${at}]`, weight, upperThreshold: bound })),
});

test.each([
  ["weights that are heeded", shares("wrr", [1, 3, 0]), []],
  ["equal weights", shares("rr", [2, 2, 0]), []],
  ["weights that come later", shares("sh", [undefined, undefined]), []],
  ["one that comes later", shares("wrr", [0, undefined]), []],
  ["a scheduler that comes later", shares(undefined, [0, 1, 3]), []],
  ["no server", shares("wrr", [0, 0]), ["no-server"]],
  ["weights that are not heeded", shares("lc", [1, 3]), ["weights-ignored"]],
  ["low thresholds", shares("wlc", [1, 1], 50), ["low-threshold"]],
  ["high thresholds", shares("wlc", [1, 1], 60), []],
  ["each packet by itself, with NAT", { ...shares("rr", [1, 1]), untranslated: "onePacket" }, ["one-packet-nat"]],
])("scheduling: %s", (_, facts, names) => {
  expect(broken(schedulingRules, facts)).toEqual(names);
});

test("checks: a port that is not served, a timeout beyond the interval, a sender of the site", () => {
  const checked = (checkPort: number | undefined, served: (PortOf | undefined)[], protocols: Protocol[] = ["tcp"]) =>
    broken(checkRules, { property: "health.checkPort", checkPort, protocols, served });
  expect(checked(80, tcp(8080))).toEqual(["check-port"]);
  expect(checked(80, tcp(80, 443))).toEqual([]);
  expect(checked(undefined, tcp(8080))).toEqual([]);
  expect(checked(80, [undefined])).toEqual([]);
  // A connection finds nobody where only UDP is served.
  expect(checked(53, [{ protocol: "udp", port: 53 }])).toEqual(["check-port"]);
  expect(checked(53, [{ protocol: "udp", port: 53 }], ["tcp", "udp"])).toEqual([]);
  const times = { property: "globals", checkInterval: 5, checkTimeout: 5, negotiateTimeout: 5, fork: false };
  expect(broken(timesRules, times)).toEqual([]);
  expect(broken(timesRules, { ...times, negotiateTimeout: 6 })).toEqual(["check-timeout"]);
  expect(broken(timesRules, { ...times, negotiateTimeout: 6, fork: true })).toEqual([]);
  expect(broken(trafficRules, { from: "rs1", role: "real server" })).toEqual(["check-from-site"]);
  expect(broken(trafficRules, { from: "client", role: undefined })).toEqual([]);
});

const round = { url: "http://a/", requests: 20, expect: { failures: 0 } };
const expecting = (expect: object, more: object = {}) => ({ ...round, ...more, expect: { failures: 0, ...expect } });

test.each([
  ["nothing", round, false],
  ["servers", expecting({ servers: { rs1: 1, rs2: 3, rs3: 0 }, tolerance: 0 }), false],
  ["more servers than requests", expecting({ servers: { rs1: 1, rs2: 1 } }, { requests: 1 }), true],
  ["two servers of one client with persistence", expecting({ servers: { rs1: 1, rs2: 1 }, persistence: true }), true],
  [
    "as many clients",
    expecting({ servers: { a: 1, b: 1 }, persistence: true }, { sources: ["10.0.0.1", "10.0.0.2"] }),
    false,
  ],
  ["a spread beyond the servers", expecting({ servers: { rs1: 1, rs2: 0 }, spread: 2 }), true],
  ["a spread beyond the requests", expecting({ spread: 3 }, { requests: 2 }), true],
  ["nobody answers", expecting({ servers: { rs1: 0 } }), true],
  ["nobody answers, and all may fail", expecting({ servers: { rs1: 0 }, failures: 20 }), false],
  [
    "a share that no number of answers has",
    expecting({ servers: { a: 1, b: 2 }, tolerance: 0.01 }, { requests: 4 }),
    true,
  ],
  ["a share that is near enough", expecting({ servers: { a: 1, b: 2 }, tolerance: 0.1 }, { requests: 4 }), false],
])("expectations: %s", (_, facts, impossible) => {
  expect(broken([expectationRule], facts).length > 0).toBe(impossible);
});

test("two Hosts of one name, and one host by two names", () => {
  const reach = (address: string, port = 22) => ({ address, port, jump: undefined });
  const before = new Map([["rs1", reach("10.2.0.11")]]);
  const named = (name: string, address: string, port?: number) =>
    broken(namesRules, { host: { ...reach(address, port), name } as never, before });
  expect(named("rs1", "10.2.0.11")).toEqual([]);
  expect(named("rs2", "10.2.0.12")).toEqual([]);
  expect(named("rs1", "10.2.0.12")).toEqual(["two-hosts-one-name"]);
  expect(named("web", "10.2.0.11")).toEqual(["one-host-two-names"]);
  expect(named("web", "10.2.0.11", 2222)).toEqual([]);
});
