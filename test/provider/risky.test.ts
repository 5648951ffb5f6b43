import { chmodSync } from "node:fs";
import { join } from "node:path";
import { sh } from "../../provider/host/command";
import { HostError } from "../../provider/host/errors";
import { kinds } from "../../provider/kinds";
import type { Kind, Risk, Step } from "../../provider/reconcile/kind";
import { entryName } from "../../provider/reconcile/ledger";
import { read } from "../../provider/reconcile/reconcile";
import { act } from "../../provider/reconcile/steps";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

const route = kinds.get("Route") as Kind;
const want = route.inputs.parse({ to: "198.51.100.0/24", via: "192.0.2.1" });

// Hosts of the tier namespaces have no systemd, and a process undoes the step there. Here a timer undoes the step, and
// the test fires the timer.
onHosts("a risky step on a host with systemd", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    // What fires puts addresses and routes back.
    host.hasOwnNetwork = true;
    // Addresses of nobody (RFC 5737): the way of the packets is not known, so the proof of a new connection is needed.
    host.connection = "198.51.100.1 40000 203.0.113.9 22";
    host.write("/srv/road", "old\n");
    host.write("/run/systemd/system/README", "");
  });
  afterEach(() => host[Symbol.dispose]());

  /** The step fails if its undo is not armed yet. */
  const step: Step = {
    run: sh("[ -e /run/fire ] && echo new >/srv/road"),
    purpose: "taking another road",
    risky: {
      undo: sh(`printf '%s\\n' "$1" >/srv/road`, "it's the old one"),
      touches: "way",
      advice: "Is it the right road?",
    },
  };
  const name = entryName("Route", route.identity(want));
  const run = (...more: Step[]) => act(host, name, [step, ...more]);
  const fire = async () => {
    await host.run({ steps: [sh("xargs -0 -a /run/fire env || :")] });
  };
  const road = () => host.text("/srv/road");
  const armed = () => host.calls().find((call) => call.startsWith("systemd-run ")) as string;
  const timer = () => `/run/units/${/ --unit=(\S+)/.exec(armed())?.[1]}.timer/active`;
  const active = () => host.text(timer());

  test("is armed before, with time for a new connection, which calls it off", async () => {
    await run();
    expect(road()).toBe("new\n");
    expect(armed()).toMatch(/ --on-active=60 --timer-property=AccuracySec=1s /);
    expect(active()).toBe("inactive\n");
    expect(host.snapshot().filter((line) => line.includes("/run/systemd/transient/"))).toEqual([]);
    await fire();
    expect(road()).toBe("new\n");
  });

  test("is called off where systemd is too busy to answer at first", async () => {
    host.reconnect = async () => host.write(timer().replace(/active$/, "busy"), "");
    await run();
    expect(active()).toBe("inactive\n");
  });

  test("is called off by a second command where the first one was cut in the middle", async () => {
    const folder = `/run/lvs/undo.${name}`;
    host.reconnect = async () => {
      host.before = () => {
        host.before = undefined;
        host.write(`${folder}/proven`, host.text(`${folder}/mark`));
        host.remove(`${folder}/mark`);
        throw new HostError("host memory: the connection was lost", "cut");
      };
    };
    await run();
    expect(active()).toBe("inactive\n");
    expect(host.has(folder)).toBe(false);
  });

  test("gets back what went along, where the host undoes it: addresses, and routes of both families", async () => {
    // Prints what it is asked to save, and keeps what it is given to restore.
    const ip =
      '#!/bin/sh\ncase " $* " in *" save "*) echo "$*";; *" restore "*) cat >>/run/restored;; *) exit 1;; esac\n';
    host.write("/usr/local/sbin/ip", ip);
    chmodSync(join(host.root, "/usr/local/sbin/ip"), 0o755);
    host.reconnect = fire;
    await expect(run()).rejects.toThrow("the host undid it");
    expect(host.text("/run/restored").split("\n")).toEqual([
      "address save",
      "-4 route save table all type unicast",
      "-6 route save table all type unicast",
      "",
    ]);
  });

  test("is undone by the host where nobody calls it off, and is then no success", async () => {
    host.reconnect = fire;
    await expect(run()).rejects.toThrow(
      "host memory: taking another road: the host undid it before the new connection was proven; run again",
    );
    expect(road()).toBe("it's the old one\n");
  });

  describe("that touches one address alone", () => {
    const alone: Step = {
      ...step,
      risky: { ...(step.risky as Risk), only: "192.0.2.9" },
      run: sh("echo new >/srv/road"),
    };
    const reconnect = jest.fn(async () => {});
    beforeEach(() => {
      reconnect.mockClear();
      host.reconnect = reconnect;
    });

    test.each([
      ["198.51.100.1 40000 203.0.113.9 22"],
      ["fe80::9%eth0 40000 fe80::1%eth0 22"],
      ["192.0.2.99 40000 203.0.113.9 22"],
    ])("needs no way back where we come by another one: %s", async (connection) => {
      host.connection = connection;
      await act(host, name, [alone]);
      expect([road(), armed(), reconnect.mock.calls]).toEqual(["new\n", undefined, []]);
    });

    test.each([
      ["192.0.2.9 40000 203.0.113.9 22"],
      ["198.51.100.1 40000 192.0.2.9 22"],
      ["192.0.2.9%eth0 40000 203.0.113.9 22"],
      ["not known"],
    ])("is guarded where it is ours: %s", async (connection) => {
      host.connection = connection;
      await act(host, name, [alone]);
      expect([road(), reconnect.mock.calls.length]).toEqual(["new\n", 1]);
      expect(armed()).toMatch(/ --on-active=60 /);
    });

    test("fails as the step does", async () => {
      const fails = { ...alone, run: sh("echo no >&2; exit 3") };
      await expect(act(host, name, [fails])).rejects.toThrow("host memory: taking another road: exit 3: no");
    });
  });

  test("is not done where the way back cannot be armed", async () => {
    host.write("/run/no-bus", "");
    await expect(run()).rejects.toThrow(
      /^host memory: taking another road: exit 1: Failed to connect to bus.*; the way back cannot be armed$/,
    );
    expect(road()).toBe("old\n");
  });

  test("that a killed run left armed is called off by whoever looks at the thing next", async () => {
    await new Promise<void>((killed) => {
      host.reconnect = () => new Promise(() => killed());
      void run();
    });
    expect(active()).toBe("active\n");
    await read(route, host, { owner: "p/s/r", want });
    expect(active()).toBe("inactive\n");
    await fire();
    expect(road()).toBe("new\n");
  });
});
