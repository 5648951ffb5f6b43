import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { destinationTable } from "../../cli/status-table";
import { ORDERS, type Order, sorted } from "../../cli/watch/order";
import { drawing, isScreen, marksFor } from "../../cli/watch/terminal";
import { MARKS, sparkline, Trends } from "../../cli/watch/trends";
import type { DestinationStatus, ServiceStatus } from "../../provider/operations/service-status";
import type { HostStatus, Status } from "../../provider/operations/status";
import { stored } from "./drawn-site";

const { utf8, ascii } = MARKS;

function destination(address: string, [open, rate, weight]: readonly [number, number, number]): DestinationStatus {
  const traffic = { connections: rate, bytesIn: 0, bytesOut: 0 };
  return { destination: `${address}:80`, forwarding: "dr", weight, open, others: 0, rate: traffic, total: traffic };
}

type Figures = Readonly<Record<string, readonly [open: number, rate: number, weight: number]>>;

function site(figures: Figures): { status: Status; host: HostStatus; service: ServiceStatus } {
  const destinations = Object.entries(figures).map(([address, of]) => destination(address, of));
  const service = { service: "10.0.0.9:80", declared: true, scheduler: "wrr", destinations };
  const host = { host: "director", address: "10.0.0.2", services: [service], instances: [], differences: [] };
  return { status: { hosts: [host] }, host, service };
}

describe("a sparkline", () => {
  test.each([
    { values: [0, 1, 50, 100], most: 100, marks: utf8, line: "▁▂▅█" },
    { values: [0, 1, 50, 100], most: 100, marks: ascii, line: "_.=#" },
    { values: [undefined, 3, 3], most: 3, marks: utf8, line: " ██" },
    { values: [0, 0], most: 1, marks: utf8, line: "▁▁" },
  ])("of $values is $line", ({ values, most, marks, line }) => {
    expect(sparkline(values, most, marks)).toBe(line);
  });

  test("has one scale for all destinations of a service, and forgets what is long ago", () => {
    const trends = new Trends(utf8, 3);
    const rates = [
      [700, 7],
      [70, 0],
      [35, 10],
      [70, 70],
    ];
    const looks = rates.map(([one = 0, other = 0]) => site({ "10.0.0.11": [0, one, 1], "10.0.0.12": [0, other, 1] }));
    for (const { status } of looks) trends.add(status);
    const { host, service } = looks.at(-1) as ReturnType<typeof site>;
    expect(service.destinations.map((one) => trends.of(host, service, one))).toEqual(["█▅█", "▁▂█"]);
  });

  test("has a blank where the destination was not in the table, or its host was not reached", () => {
    const trends = new Trends(utf8);
    const all = site({ "10.0.0.11": [0, 1, 1], "10.0.0.12": [0, 1, 1] });
    trends.add(site({ "10.0.0.11": [0, 1, 1] }).status);
    trends.add({ hosts: [{ ...all.host, services: [], error: "host director: no answer" }] });
    trends.add(all.status);
    expect(all.service.destinations.map((one) => trends.of(all.host, all.service, one))).toEqual(["█ █", "  █"]);
  });
});

describe("the order of a service's destinations", () => {
  const { status } = site({ "10.0.0.21": [5, 1, 3], "10.0.0.3": [9, 4, 1], "10.0.0.4": [5, 2, 2] });
  const names = new Map([
    ["10.0.0.3", "rs10"],
    ["10.0.0.4", "rs1"],
    ["10.0.0.21", "rs2"],
  ]);
  test.each([
    ["name", ["10.0.0.4", "10.0.0.21", "10.0.0.3"]],
    ["connections", ["10.0.0.3", "10.0.0.4", "10.0.0.21"]],
    ["rate", ["10.0.0.3", "10.0.0.4", "10.0.0.21"]],
    ["weight", ["10.0.0.21", "10.0.0.4", "10.0.0.3"]],
  ] as const)("by %s", (by, addresses) => {
    const seen = sorted(status, by, names).hosts[0]?.services[0]?.destinations.map((one) => one.destination);
    expect(seen).toEqual(addresses.map((address) => `${address}:80`));
  });

  test("is known by its first letter", () => {
    expect(new Set(ORDERS.map((order: Order) => order[0])).size).toBe(ORDERS.length);
    expect(ORDERS.some((order) => order.startsWith("q"))).toBe(false);
  });
});

test("a plain terminal, a file and CI are no screen", () => {
  expect(isScreen(true, { TERM: "xterm" })).toBe(true);
  expect(isScreen(true, { TERM: "dumb" })).toBe(false);
  expect(isScreen(true, { TERM: "xterm", CI: "true" })).toBe(false);
  expect(isScreen(undefined, { TERM: "xterm" })).toBe(false);
  expect(marksFor({ LANG: "de_DE.UTF-8" })).toBe(utf8);
  expect(marksFor({ LC_ALL: "C", LANG: "de_DE.UTF-8" })).toBe(ascii);
});

test("a drawing fits on the screen, and says what does not", () => {
  const shown = drawing("1234567890\n2\n3\n4\n5\n", { columns: 6, rows: 5 });
  expect(shown.split("\x1b[K\n")).toEqual(["\x1b[H123456", "2", "3", "… 2 mo", "\x1b[J"]);
  expect(drawing("1\n", { columns: 0, rows: 0 })).toContain("1");
  expect(drawing("1\n2\n3\n4\n", { columns: 80, rows: 5 }).match(/\d/g)).toEqual(["1", "2", "3", "4"]);
});

describe("on a screen of", () => {
  const { service } = site({ "10.0.0.11": [7, 5, 1], "10.0.0.12": [3, 0, 0] });
  const [rs1, rs2] = service.destinations as [DestinationStatus, DestinationStatus];
  const out = { weight: 3, since: "2026-01-02T03:04:05Z", reason: "a new disk", by: "ada@desk" };
  const shown = (destinations: readonly DestinationStatus[], width?: number) => {
    const names = new Map([["10.0.0.11", "rs1"]]);
    const lately = () => "▁▂▃▄▅▆▇█▁▂▃▄▅▆▇█▁▂▃▄";
    const [titles = "", ...rows] = destinationTable({ ...service, destinations }, names, { lately, width }).split("\n");
    return { titles: titles.split(/ {2,}/), rows: rows.map((row) => row.slice(0, width)), line: titles };
  };
  const some = [rs1, { ...rs2, out }];

  test("120 columns everything is shown", () => {
    const { titles, rows } = shown(some, 120);
    expect(titles).toHaveLength(11);
    expect(rows[0]).toContain("▁▂▃▄▅▆▇█▁▂▃▄▅▆▇█▁▂▃▄");
    expect(rows[1]).toMatch(/out since 2026-01-02$/);
  });

  test("80 columns it is seen which server is out, and how the rates were", () => {
    const { titles, rows } = shown(some, 76);
    expect(titles).toEqual(["SERVER", "DESTINATION", "WEIGHT", "OPEN", "CONN/S", "LATELY", "STATE"]);
    expect(rows[0]).toMatch(/^rs1 .* 5 +▅▆▇█▁▂▃▄▁▂$|^rs1 .* 5 +▃▄▅▆▇█▁▂▃▄$/);
    expect(rows[1]).toMatch(/ 0 of 3 .*out since 2026-01-02/);
  });

  test("40 columns it is still seen which server is out", () => {
    const { titles, rows } = shown(some, 36);
    expect(titles).toEqual(["SERVER", "DESTINATION", "WEIGHT", "STATE"]);
    expect(rows[1]).toMatch(/10\.0\.0\.12:80 .*out$|10\.0\.0\.12:80 .*out s/);
    expect(shown([{ ...rs1, health: "down" }], 40).rows[0]).toMatch(/down$/);
  });

  test("any width a service without destinations says so", () => {
    expect(shown([], 40).line).toBe("no destination");
  });
});

/** A stack with a host that has no table: `watch` asks nobody. */
const quiet = {
  deployment: { resources: [stored("Sysctl", "quiet", { host: { name: "rs1", address: "192.0.2.11" }, key: "a" })] },
};

/** Runs `watch` on a terminal (script(1)), with Pulumi's answer in place of Pulumi, and presses keys as they are asked for. */
function onTerminal(
  keys: readonly (readonly [after: RegExp, key: string])[],
  environment: Record<string, string> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "lvs-watch-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: watched\nruntime: nodejs\n");
  writeFileSync(join(folder, "pulumi"), `#!/bin/sh\necho '${JSON.stringify(quiet)}'\n`);
  chmodSync(join(folder, "pulumi"), 0o755);
  const command = `'${process.execPath}' '${require.resolve("../../sdk/dist/bin.js")}' watch --every 1 --sort weight`;
  const { CI: _, ...own } = process.env;
  const env = { ...own, TERM: "xterm", PATH: `${folder}:${process.env.PATH}`, ...environment };
  const script = ["60", "script", "-qec", command, "/dev/null"];
  const child = spawn("timeout", script, {
    cwd: folder,
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const left = [...keys];
  let said = "";
  child.stdout.on("data", (some) => {
    said += some;
    const [next] = left;
    if (!next?.[0].test(said)) return;
    left.shift();
    child.stdin.write(next[1]);
  });
  return new Promise<{ exit: number | null; said: string }>((done) =>
    child.on("close", (exit) => {
      rmSync(folder, { recursive: true });
      done({ exit, said });
    }),
  );
}

test("on a terminal the order is chosen by a key, and q ends it", async () => {
  const { exit, said } = await onTerminal([
    [/by weight {2}\(n, c, r, w: another order; q: end\)/, "r"],
    [/by rate/, "c"],
    [/by connections/, "q"],
  ]);
  expect(exit).toBe(0);
  expect(said).toContain("\x1b[H");
  expect(said).toMatch(/q: end\)\S*\s+0 hosts, 0 not reached/);
});

test("Ctrl-C ends it as it ends everything", async () => {
  const { exit } = await onTerminal([[/by weight/, "\x03"]]);
  expect(exit).toBe(130);
});

test("a plain terminal gets lines alone", async () => {
  const { exit, said } = await onTerminal([[/0 hosts.*0 hosts/s, "\x03"]], { TERM: "dumb" });
  expect(exit).toBe(130);
  expect(said).not.toContain("\x1b");
});
