import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { poll } from "../../../provider/host/poll";
import { act } from "../../../provider/reconcile/steps";
import { giveUp } from "../../../provider/workflows/failover/giving-up";
import { MemoryHost } from "../memory-host";
import { onHosts } from "../on-host";

// The fake of systemd-run keeps the timer's command, and runs nothing: as a systemd that forgets a timer when it reloads.

const VS = "/proc/sys/net/ipv4/vs";
const NOTE = { reason: "new memory", by: "somebody", since: "2026-11-28T12:00:00.000Z" };

onHosts("a director that is given up", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    host.write("/run/lvs/vrrp/dr", "MASTER 1764159000\n");
    host.write("/run/systemd/system/it", "");
    host.write("/etc/keepalived/lvs.d/dr.conf", "");
    settings("0", "10");
  });
  afterEach(() => host[Symbol.dispose]());

  const settings = (mode: string, rate: string) => {
    // Without a line end the shell's own `read` fails, as dash's does of a file of /proc/sys.
    host.write(`${VS}/drop_packet`, mode);
    host.write(`${VS}/am_droprate`, rate);
  };
  const now = () => [host.text(`${VS}/drop_packet`).trim(), host.text(`${VS}/am_droprate`).trim()];
  const given = () => act(host, "failover", [{ run: giveUp("dr", NOTE), purpose: "giving up dr" }]);
  /** Gives it up; what happens once it takes no new connections. */
  const givenWhile = async (happens: () => void) => {
    const all = given();
    expect(await poll(now, ([mode]) => mode === "3", { within: 30, every: 0.01 })).toEqual(["3", "1"]);
    happens();
    await all;
  };
  const backup = () => host.write("/run/lvs/vrrp/dr", "BACKUP 1764159001\n");

  test("takes new connections as before, also where systemd has forgotten the timer", async () => {
    await givenWhile(backup);
    expect(now()).toEqual(["0", "10"]);
  });

  test("has a timer for a run that is killed meanwhile", async () => {
    await givenWhile(backup);
    settings("3", "1");
    const fired = ["xargs", "-0", "-a", "/run/fire", "env"];
    await host.run({ looks: [{ argv: fired }] });
    expect(now()).toEqual(["0", "10"]);
  });

  test("keeps what somebody sets meanwhile", async () => {
    await givenWhile(() => {
      backup();
      settings("1", "20");
    });
    expect(now()).toEqual(["1", "20"]);
  });

  test.each([
    ["stands by", () => backup(), ["0", "10"]],
    ["drops packets already", () => settings("3", "7"), ["3", "7"]],
    ["has no IPVS", () => host.remove("/proc/sys/net"), undefined],
    ["has no systemd that answers", () => host.write("/run/no-bus", ""), ["0", "10"]],
  ])("that %s: nothing of that is touched", async (_, so, stays) => {
    so();
    await given();
    expect(host.has("/run/fire")).toBe(false);
    if (stays) expect(now()).toEqual(stays);
    else expect(host.has("/proc/sys/net")).toBe(false);
  });

  test("although it cannot be given up: takes new connections at once", async () => {
    host.write("/usr/local/sbin/chown", "#!/bin/sh\nexit 1\n");
    spawnSync("chmod", ["755", join(host.root, "/usr/local/sbin/chown")]);
    await expect(given()).rejects.toThrow("giving up dr");
    expect(now()).toEqual(["0", "10"]);
    expect(readFileSync(join(host.root, "/run/lvs/vrrp/dr"), "utf8")).toContain("MASTER");
    expect(existsSync(join(host.root, "/run/fire"))).toBe(true);
  });
});
