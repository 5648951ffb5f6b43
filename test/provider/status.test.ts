import { isWell, statusText } from "../../cli/status-text";
import type { DeclaredHost } from "../../provider/host/declared";
import { HostError } from "../../provider/host/errors";
import type { Resource } from "../../provider/operations/resource";
import { notRead, statusOf } from "../../provider/operations/status";
import { Declared } from "./declared";
import { makeDirector } from "./ldirectord-host";
import { memoryHost, onMemoryHost, sysctl } from "./one-setting";

jest.mock("../../provider/host/pool", () => ({
  // Not before it is asked: the pool's file imports what is tested here.
  withSession: (...asked: unknown[]) => mockDown() ?? require("./one-setting").pool.withSession(...asked),
}));
let mockDown: () => Promise<never> | undefined = () => undefined;

const host = { name: "memory", address: "192.0.2.1" } as DeclaredHost;
const AT = "-t 10.0.0.9:80";
const service: Resource = {
  ...{ kind: "VirtualService", name: "web", id: "memory/VirtualService/10.0.0.9:80/tcp", parents: [], state: {} },
  inputs: { host, owner: "p/s/web", protocol: "tcp", address: "10.0.0.9", port: 80, destinations: {} },
};

describe("a director that announces addresses", () => {
  const announcing = (state: string, withdrawn?: object) => ({
    hosts: [
      {
        ...{ host: "d1", address: "10.0.0.2", services: [], instances: [], differences: [] },
        announcements: [
          {
            ...{ announcement: "shop", sessions: { "10.0.0.1": { state, since: "2026-01-01T00:00:00.000Z" } } },
            ...(withdrawn && { withdrawn }),
          },
        ],
      },
    ],
  });

  test.each([
    [announcing("Established"), "shop  announced; 10.0.0.1 Established since 2026-01-01T00:00:00.000Z", "out", true],
    [announcing("Active"), "shop  heard by no router; 10.0.0.1 Active since", "out; heard by no router: d1", false],
    [
      announcing("Established", { since: "2026-01-02T00:00:00Z", reason: "new memory", by: "root" }),
      "shop  withdrawn since 2026-01-02T00:00:00Z: new memory (root); 10.0.0.1 Established since",
      "out; given up: d1",
      false,
    ],
  ])("%#: shows its sessions, and what was withdrawn", (status, line, end, well) => {
    const text = statusText(status, new Map());
    expect(text).toContain(`d1 (10.0.0.2)\n  ${line}`);
    expect(text.endsWith(`0 destinations ${end}\n`)).toBe(true);
    expect(isWell(status)).toBe(well);
  });
});

onMemoryHost("a host of which not all can be read", () => {
  beforeEach(() => {
    mockDown = () => undefined;
    makeDirector(memoryHost());
    memoryHost().write("/run/table", `-A ${AT} -s rr\n-a ${AT} -r 10.0.0.11:80 -g -w 3\n`);
    memoryHost().write("/usr/local/sbin/ip", "#!/bin/sh\n");
  });

  test("shows its table and what differs, and names what cannot be read", async () => {
    const destinations = { "10.0.0.11:80": { weight: 3 } };
    const it = { address: "10.0.0.9", port: 80, scheduler: "rr", forwarding: "dr", destinations };
    const declared = await new Declared("VirtualService", it, "p/s/web").create();
    const web = { ...service, inputs: await declared.checked(), state: declared.state ?? {} };
    const forward = await sysctl("p/s/forward").create();
    const setting = { kind: "Sysctl", name: "forward", id: "id", parents: [], inputs: await forward.checked() };
    memoryHost().write("/proc/sys/net/ipv4/ip_nonlocal_bind", "0\n");
    memoryHost().write("/var/lib/lvs/maintenance/10.0.0.11", "half a line");
    const found = await statusOf([web, { ...setting, state: forward.state ?? {} }]);
    const [seen] = found.hosts;
    expect(seen?.error).toBeUndefined();
    expect(seen?.services).toMatchObject([
      { service: "10.0.0.9:80", destinations: [{ destination: "10.0.0.11:80", weight: 3 }] },
    ]);
    expect(seen?.differences).toEqual([
      { kind: "Sysctl", name: "forward", property: "value", declared: "1", seen: "0" },
    ]);
    const why = "maintenance/10.0.0.11, which has the weights that this real server gets back, cannot be read";
    // The service of the table needs the same, and is not named for it once more.
    expect(seen?.unread).toEqual([expect.stringMatching(`^host memory: .*${why}`)]);
    expect(statusText(found, new Map())).toContain("\nnot readable: host memory: /var/lib/lvs/maintenance/10.0.0.11,");
    expect(statusText(found, new Map())).toMatch(/; not readable: memory\n$/);
    expect(isWell(found)).toBe(false);
  });

  test("shows each protocol, and of a mark the packets that the stack marks", async () => {
    const to = "-r 10.0.0.11:0 -g -w 3\n";
    memoryHost().write(
      "/run/table",
      `-A -u 10.0.0.9:53 -s rr\n-A --sctp-service 10.0.0.9:38 -s rr\n-A -f 7 -s rr -p 60\n-a -f 7 ${to}-A -f 7 -6 -s rr\n`,
    );
    const rule = (protocol: string, ports: unknown[], mark = 7) => {
      const inputs = { ...service.inputs, mark, address: "10.0.0.9", protocol, ports };
      return { ...service, kind: "FirewallMark", name: protocol, inputs };
    };
    const own = [service, rule("tcp", []), rule("udp", [443, "8000-8010"]), rule("sctp", [38]), rule("tcp", [80], 8)];
    const text = statusText(await statusOf(own, { tables: true }), new Map());
    expect(text).toContain("\n  10.0.0.9:53/udp  rr, not of this stack\n");
    expect(text).toContain("\n  10.0.0.9:38/sctp  rr, not of this stack\n");
    expect(text).toContain(
      "\n  7  rr, persistent 60 s, marks udp 10.0.0.9:443, 8000-8010 and sctp 10.0.0.9:38, not of this stack\n",
    );
    expect(text).toContain("\n  7/ipv6  rr, not of this stack\n");
  });

  test("shows how a service chooses, to the last word, and what bounds a destination", async () => {
    const sip = "-A -u 10.0.0.9:5060 -s rr -p 60 -M 255.255.255.0 --pe sip";
    const tunnels = "-r 10.0.0.11:0 -i --tun-type gue --tun-port 6080";
    const table = [
      "-A -u 10.0.0.9:53 -s rr -o",
      "-A -t 10.0.0.9:80 -s mh -b mh-fallback,mh-port",
      "-a -t 10.0.0.9:80 -r 10.0.0.11:80 -m -w 3 -x 900 -y 700",
      "-a -t 10.0.0.9:80 -r 10.0.0.12:80 -m -w 3 -x 900",
      sip,
      "-A -f 7 -s rr",
      `-a -f 7 ${tunnels} -w 1`,
    ];
    memoryHost().write("/run/table", `${table.join("\n")}\n`);
    memoryHost().write(
      "/run/thresholds",
      "TCP  10.0.0.9:80 mh\n  -> 10.0.0.11:80 900 700 0 0\n  -> 10.0.0.12:80 900 0 0 0\n",
    );
    const status = await statusOf([service], { tables: true });
    memoryHost().remove("/run/thresholds");
    expect(status.hosts[0]?.services).toMatchObject([
      { service: "10.0.0.9:53/udp", onePacket: true },
      {
        flags: ["mh-fallback", "mh-port"],
        destinations: [{ upperThreshold: 900, lowerThreshold: 700 }, { upperThreshold: 900 }],
      },
      { persistence: 60, persistenceMask: "255.255.255.0", persistenceEngine: "sip" },
      { destinations: [{ tunnel: { type: "gue", port: 6080 } }] },
    ]);
    const text = statusText(status, new Map());
    expect(text).toContain("\n  10.0.0.9:53/udp  rr, one packet at a time, not of this stack\n    no destination\n");
    expect(text).toContain("\n  10.0.0.9:80  mh, mh-fallback, mh-port, not of this stack\n");
    expect(text).toContain("  rr, persistent 60 s by 255.255.255.0 (sip), not of this stack\n");
    expect(text).toMatch(/10\.0\.0\.11:80 .* takes up to 900 connections, and again below 700\n/);
    expect(text).toMatch(/10\.0\.0\.12:80 .* takes up to 900 connections\n/);
    expect(text).toMatch(/ 10\.0\.0\.11:0 +tun gue:6080 +1 /);
  });

  test("names the directors that do not know of a drain, and none that has left the program", async () => {
    const missed = { directors: ["standby", "gone"], since: "2026-01-01T00:00:00Z" };
    memoryHost().write("/var/lib/lvs/maintenance/.10.0.0.11.missed", `${JSON.stringify(missed)}\n`);
    const alone = await statusOf([service], { tables: true });
    expect(statusText(alone, new Map())).not.toContain("does not know");
    expect(isWell(alone)).toBe(true);
    const standby = notRead({ ...host, name: "standby" }, "host standby: not reachable");
    const found = { hosts: [...alone.hosts, standby] };
    expect(statusText(found, new Map())).toContain(
      "standby: does not know what memory knows of 10.0.0.11 since 2026-01-01T00:00:00Z: the next drain, return or rollout",
    );
    expect(isWell(found)).toBe(false);
  });

  test("is not reached: there is nothing else to say", async () => {
    mockDown = () => Promise.reject(new HostError("host memory: not reachable", "unreachable"));
    const [seen] = (await statusOf([service])).hosts;
    expect([seen?.error, seen?.services, seen?.unread]).toEqual(["host memory: not reachable", [], undefined]);
  });
});
