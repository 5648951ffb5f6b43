import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKS_FOLDER } from "../../provider/model";
import { renderChecks } from "../../sdk/keepalived/checks-config";
import { READY_TEXT } from "../../sdk/keepalived/ready";

// keepalived waits at boot for the services that health checkers bring.

const MARK = "FWM  99 wlc persistent 300\n  -> 10.0.0.11:0                 Route   1      0          0\n";
const EMPTY = "FWM  99 wlc persistent 300\n";
const OUT = MARK.replace("Route   1", "Route   0");
const PORT = "TCP  10.0.0.9:80 wrr\n  -> 10.0.0.12:80                Masq    2      0          0\n";
const SIX = "TCP  [fd00::9]:443 wrr\n  -> [fd00::11]:443                Route   1      0          0\n";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lvs-ready-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Host {
  /** Seconds since the boot. */
  readonly up?: number;
  /** The units that start at boot. */
  readonly enabled: readonly string[];
  /** What ipvsadm prints, second by second, and the last one from then on. */
  readonly tables: readonly string[];
}

/** Runs the script on a host. Returns for how many seconds it waited. */
function waited({ up = 25, enabled, tables }: Host): number {
  const file = (name: string, text: string, mode = 0o644) => writeFileSync(join(folder, name), text, { mode });
  const tool = (name: string, script: string) => file(name, `#!/bin/sh\n${script}\n`, 0o755);
  for (const [second, table] of tables.entries())
    file(`table.${second}`, `Prot LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight\n${table}`);
  file("slept", "");
  file("uptime", `${up}.08 40.00\n`);
  file("cf", "checkinterval=5\n\nvirtual=99\n\treal=10.0.0.11:0 gate 1\n");
  tool("systemctl", `case " ${enabled.join(" ")} " in *" $3 "*) ;; *) exit 1 ;; esac`);
  tool(
    "ipvsadm",
    `n=$(wc -l <${folder}/slept); [ $n -lt ${tables.length} ] || n=${tables.length - 1}; cat ${folder}/table.$n`,
  );
  tool("sleep", `echo "$1" >>${folder}/slept`);
  mkdirSync(join(folder, "parts"));
  const server = { forwarding: "dr" } as const;
  const virtuals = { "10.0.0.9:80": { real: { "10.0.0.12:80": server } } };
  file("parts/shop.conf", renderChecks({ ...virtuals, "[fd00::9]:443": { real: { "[fd00::11]:443": server } } }));
  const script = READY_TEXT.replaceAll("/proc/uptime", `${folder}/uptime`)
    .replaceAll("/etc/ha.d/ldirectord.cf", `${folder}/cf`)
    .replaceAll(CHECKS_FOLDER, `${folder}/parts`);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  expect(spawnSync("sh", ["-c", script], { env })).toMatchObject({ status: 0, stderr: Buffer.alloc(0) });
  return readFileSync(join(folder, "slept"), "utf8").split("\n").length - 1;
}

const [LDIRECTORD, CHECKS] = ["ldirectord.service", "lvs-checks-shop.service"];

test.each<[string, Host, number]>([
  ["ldirectord has brought its service", { enabled: [LDIRECTORD], tables: [MARK] }, 0],
  ["ldirectord brings it after its checks", { enabled: [LDIRECTORD], tables: ["", EMPTY, OUT, MARK] }, 3],
  ["somebody else's service is there alone", { enabled: [LDIRECTORD], tables: [PORT, PORT + MARK] }, 1],
  ["keepalived's own checks bring two", { enabled: [CHECKS], tables: [PORT, SIX, PORT + SIX] }, 2],
  ["no checker starts at boot", { enabled: [], tables: [""] }, 0],
  ["the boot was a while ago", { up: 300, enabled: [LDIRECTORD], tables: [""] }, 0],
  ["no real server is fit", { enabled: [LDIRECTORD, CHECKS], tables: [OUT] }, 120],
])("%s: %j", (_, host, seconds) => {
  expect(waited(host)).toBe(seconds);
});
