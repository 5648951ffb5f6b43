import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type Command, type Script, sh } from "../../provider/host/command";
import { StepFailed } from "../../provider/host/errors";
import { unchanged } from "../../provider/reconcile/ledger";
import { LedgerChanged } from "../../provider/reconcile/ledger-changed";
import { runSteps } from "../../provider/reconcile/steps";
import { MemoryHost } from "./memory-host";
import { onHosts, resources } from "./on-host";

// An ipvsadm whose table is a file. One connection is open while /run/open is there.
const ipvsadm = `#!/bin/sh
case $1 in
-R) while read -r line; do
    echo "$line" >>/run/edits
    it=\${line#-? }
    case $line in
    -[Aa]*) echo "$line" >>/run/saved;;
    -e*) sed -i "s|^-a \${it%-w*}.*|-a $it|" /run/saved;;
    -d*) sed -i "\\|^-a $it |d" /run/saved;;
    -D*) : >/run/saved;;
    esac
  done;;
-Sn) cat /run/saved;;
-Ln) [ "$2" = --thresholds ] || { echo "FWM  99 wlc"; [ ! -e /run/open ] || echo "  -> 10.0.1.1:0  Route 0 1 0"; };;
esac
`;
const NODEST = "/proc/sys/net/ipv4/vs/expire_nodest_conn";

beforeEach(() => {
  jest.spyOn(console, "log").mockImplementation(() => {});
});

onHosts("a service that another stack takes over while its former owner drains it", () => {
  const services = resources("VirtualService");
  const service = {
    ...{ mark: 99, scheduler: "wlc", forwarding: "dr", boot: false, drain: { timeout: 60 } },
    destinations: { "10.0.1.1": { weight: 3 } },
  };
  const edits = () => services.host.text("/run/edits").trim().split("\n");
  /** Whether a script only waits for connections to end. */
  const waits = ({ steps = [], looks = [] }: Script) => steps.length === 0 && looks.length === 1;

  beforeEach(() => {
    const { host } = services;
    host.write("/usr/local/sbin/ipvsadm", ipvsadm);
    chmodSync(join(host.root, "/usr/local/sbin/ipvsadm"), 0o755);
    host.write("/run/saved", "");
    host.write(NODEST, "0\n");
  });

  test.each(["when the connections have ended", "when the time is up"])(
    "stays as that stack declares it, %s",
    async (end) => {
      const { host } = services;
      const bounded = { ...service, drain: { timeout: end.endsWith("up") ? 0 : 60 } };
      expect((await services.make(bounded, undefined, "p/one/r")).failure).toBeUndefined();
      host.write("/run/open", "");
      let taken = 0;
      host.before = async (script) => {
        if (!waits(script) || taken++ > 0) return;
        expect((await services.make(bounded, undefined, "p/two/r")).failure).toBeUndefined();
        if (!end.endsWith("up")) host.remove("/run/open");
      };
      await services.drop(bounded, "p/one/r");
      expect(taken).toBeGreaterThan(0);
      expect(edits().slice(2)).toEqual(["-e -f 99 -r 10.0.1.1:0 -g -w 0", "-e -f 99 -r 10.0.1.1:0 -g -w 3"]);
      host.before = undefined;
      await services.drop({ ...bounded, drain: { timeout: 0 } }, "p/two/r");
      expect(host.text("/run/saved")).toBe("");
      expect(host.has("/var/lib/lvs")).toBe(false);
    },
  );
});

onHosts("every trip that changes something", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    host.write("/var/lib/lvs/ledger/it", "of another run\n");
  });
  afterEach(() => host[Symbol.dispose]());

  const entry = { kind: "Sysctl", identity: "it", found: null, owners: {} };
  const guard = unchanged("it", entry);
  const step = (run: Command, more: object = {}) => ({ run, purpose: "doing", ...more });
  const first = step(sh("echo one >>/run/done"), { until: until(undefined) });
  const second = sh('echo "$1" >>/run/done; cat >>/run/done', "two");
  function until(missing: string | undefined, more: object = {}) {
    return { look: sh(":"), missing: () => missing, within: 0, ...more };
  }

  test.each([
    ["an ordinary one", [first, step(second)]],
    ["one that waits", [first, step(second, { until: until(undefined) })]],
    [
      "a risky one",
      [first, step({ ...second, stdin: "" }, { risky: { undo: sh(":"), touches: "logins", advice: "" } })],
    ],
    ["one that gives up", [step(first.run, { until: until("a sign", { giveUp: [second] }) })]],
  ])("stops if the entry is another one: %s", async (_, steps) => {
    await expect(runSteps(host, "it", steps, [], guard)).rejects.toThrow(LedgerChanged);
    expect(host.text("/run/done")).toBe("one\n");
  });

  test.each([
    ["an ordinary one", step({ ...second, stdin: "three\n" })],
    ["a risky one", step({ ...second, stdin: "three\n" }, { risky: { undo: sh(":"), touches: "logins", advice: "" } })],
  ])("goes on if the entry is still ours: %s", async (_, last) => {
    host.write("/var/lib/lvs/ledger/it", `${JSON.stringify(entry)}\n`);
    expect(await runSteps(host, "it", [first, last], [], guard)).toEqual({ replies: [] });
    expect(host.text("/run/done")).toBe("one\ntwo\nthree\n");
  });

  test("a risky step that fails is told with its own words", async () => {
    host.write("/var/lib/lvs/ledger/it", `${JSON.stringify(entry)}\n`);
    const fails = step(sh("echo no >&2; exit 9"), {
      risky: { undo: sh(":"), touches: "logins", advice: "" },
      advice: () => "Do it otherwise",
    });
    const { failure } = await runSteps(host, "it", [first, fails], [], guard);
    expect(failure).toBeInstanceOf(StepFailed);
    expect(failure?.message).toBe("host memory: doing: exit 9: no. Do it otherwise");
  });
});
