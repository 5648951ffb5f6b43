import { chmodSync } from "node:fs";
import { join } from "node:path";
import { endService, quiesce, takeOut } from "../../provider/ipvs/drain";
import { MemoryHost } from "./memory-host";
import { onHosts, resources } from "./on-host";

// An ipvsadm whose table is in files. The edits of `-R` are collected, and the test writes what the listings show.
const ipvsadm = `#!/bin/sh
case $1 in
-R) cat >>/run/edits;;
-Sn) cat /run/saved;;
-Ln) [ "$2" = --thresholds ] || cat /run/listing;;
esac
`;
const NODEST = "/proc/sys/net/ipv4/vs/expire_nodest_conn";
const QUIESCENT = "/proc/sys/net/ipv4/vs/expire_quiescent_template";

onHosts("a drain that comes to its bound", () => {
  const services = resources("VirtualService");

  it("puts weights and switches back as they were, and says why", async () => {
    jest.spyOn(console, "log").mockImplementation(() => {});
    const { host } = services;
    host.write("/usr/local/sbin/ipvsadm", ipvsadm);
    chmodSync(join(host.root, "/usr/local/sbin/ipvsadm"), 0o755);
    host.write("/run/saved", "-A -f 99 -s wlc -p 300\n-a -f 99 -r 10.0.1.1:0 -g -w 3\n");
    host.write("/run/listing", "FWM  99 wlc persistent 300\n  -> 10.0.1.1:0  Route 3 2 0\n");
    host.write(NODEST, "0\n");
    host.write(QUIESCENT, "0\n");
    const { failure } = await services.make({
      ...{ mark: 99, persistence: {}, forwarding: "dr", destinations: {}, boot: false },
      drain: { timeout: 0 },
    });
    expect(failure?.message).toMatch(/draining 10.0.1.1:0: 2 connections are open, after 0 s/);
    expect(host.text("/run/edits")).toBe("-e -f 99 -r 10.0.1.1:0 -g -w 0\n-e -f 99 -r 10.0.1.1:0 -g -w 3\n");
    expect([host.text(NODEST), host.text(QUIESCENT)]).toEqual(["0\n", "0\n"]);
    expect(host.has("/var/lib/lvs/borrowed")).toBe(false);
  });
});

test.each([
  [300, 60],
  [5, 5],
])(
  "a service that goes waits for its connections as long as a server does, a minute at most: %i s, %i s",
  (timeout, within) => {
    const match = { protocol: "tcp", address: "10.0.0.9", port: 80 } as const;
    const to = { forwarding: "dr", weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
    const service = { scheduler: "wrr", flags: [], persistence: undefined, onePacket: false };
    const seen = { ...service, destinations: { "10.0.1.1:80": to } };
    const waits = endService(match, "it", seen, { timeout, onTimeout: "fail" }).flatMap(({ until }) => until ?? []);
    expect(waits).toMatchObject([{ within, goOn: true }]);
  },
);

onHosts("what leaves, and has gone by itself meanwhile", () => {
  const match = { protocol: "tcp", address: "10.0.0.9", port: 80 } as const;
  const to = { forwarding: "dr", weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
  const leaving = takeOut(
    { match, holder: "it", destinations: [["10.0.1.1:80", to]], isPersistent: false },
    { timeout: 1, onTimeout: "cut" },
  );

  it.each([
    ["No such destination", 0],
    ["Service not defined", 0],
    ["No such service", 0],
    ["No such destination\nPermission denied (you must be root)", 1],
    ["sh: 1: ipvsadm: not found", 1],
    ["", 1],
  ])("ipvsadm says %j: exit %d", async (says, exit) => {
    using host = new MemoryHost();
    host.write("/usr/local/sbin/ipvsadm", `#!/bin/sh\ncat >>/run/edits; printf '%s\\n' '${says}' >&2; exit 2\n`);
    chmodSync(join(host.root, "/usr/local/sbin/ipvsadm"), 0o755);
    const edits = leaving.filter(({ run }) => run.stdin !== undefined).map(({ run }) => run);
    expect(edits).toHaveLength(2);
    expect((await host.run({ steps: edits })).steps.map((step) => step.exit)).toEqual(exit === 0 ? [0, 0] : [1]);
    expect(host.text("/run/edits")).toMatch(/^-e -t 10\.0\.0\.9:80 -r 10\.0\.1\.1:80 -g -w 0\n/);
  });
});

describe("a drain", () => {
  const destination = { forwarding: "dr", weight: 3, upperThreshold: 0, lowerThreshold: 0 } as const;
  const steps = quiesce(
    {
      match: { mark: 99, family: "ipv4" },
      holder: "VirtualService.99",
      destinations: [["10.0.1.1:0", destination]],
      isPersistent: false,
    },
    { timeout: 60, onTimeout: "fail" },
  );
  const missing = (active: number, inactive: number, seconds: number) =>
    steps[1]?.until?.missing(
      { stdout: `FWM  99 wlc\n  -> 10.0.1.1:0  Route 0 ${active} ${inactive}\n`, stderr: "", exit: 0 },
      seconds,
    );

  it("waits for open connections, however long", () => {
    expect(missing(1, 0, 0)).toBe("1 connection is open");
    expect(missing(2, 7, 50)).toBe("2 connections are open");
    expect(missing(0, 0, 0)).toBeUndefined();
  });

  it("gives a connection that is not counted as open yet a second", () => {
    expect(missing(0, 1, 0.2)).toBe("a connection may be about to open");
    expect(missing(0, 1, 1)).toBeUndefined();
  });
});
