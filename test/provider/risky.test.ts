import { sh } from "../../provider/host/command";
import { kinds } from "../../provider/kinds";
import type { Kind, Step } from "../../provider/reconcile/kind";
import { entryName } from "../../provider/reconcile/ledger";
import { read } from "../../provider/reconcile/reconcile";
import { runRisky } from "../../provider/reconcile/risky";
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
    host.write("/srv/road", "old\n");
    host.write("/run/systemd/system/README", "");
  });
  afterEach(() => host[Symbol.dispose]());

  /** The step fails where its undo is not armed yet. */
  const step: Step = {
    run: sh("[ -e /run/fire ] && echo new >/srv/road"),
    purpose: "taking another road",
    risky: { undo: sh(`printf '%s\\n' "$1" >/srv/road`, "it's the old one") },
  };
  const run = () => runRisky(host, entryName("Route", route.identity(want)), step);
  const fire = async () => {
    await host.run({ steps: [sh("xargs -0 -a /run/fire env || :")] });
  };
  const road = () => host.text("/srv/road");
  const armed = () => host.calls().find((call) => call.startsWith("systemd-run ")) as string;
  const timer = () => host.text(`/run/units/${/ --unit=(\S+)/.exec(armed())?.[1]}.timer/active`);

  test("is armed before, with time for a new connection, which calls it off", async () => {
    await run();
    expect(road()).toBe("new\n");
    expect(armed()).toMatch(/ --on-active=45 --timer-property=AccuracySec=1s /);
    expect(timer()).toBe("inactive\n");
    await fire();
    expect(road()).toBe("new\n");
  });

  test("is undone by the host where nobody calls it off, and is then no success", async () => {
    host.reconnect = fire;
    await expect(run()).rejects.toThrow(
      "host memory: taking another road: the host undid it before the new connection was proven; run again",
    );
    expect(road()).toBe("it's the old one\n");
  });

  test("is not done where the way back cannot be armed", async () => {
    host.write("/run/no-bus", "");
    await expect(run()).rejects.toThrow("host memory: arming the way back: exit 1: Failed to connect to bus");
    expect(road()).toBe("old\n");
  });

  test("that a killed run left armed is called off by whoever looks at the thing next", async () => {
    await new Promise<void>((killed) => {
      host.reconnect = () => new Promise(() => killed());
      void run();
    });
    expect(timer()).toBe("active\n");
    await read(route, host, { owner: "p/s/r", want });
    expect(timer()).toBe("inactive\n");
    await fire();
    expect(road()).toBe("new\n");
  });
});
