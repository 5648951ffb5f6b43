import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../provider/host/command";
import { sh } from "../../provider/host/command";
import { bootEntry, maintenanceAtBoot } from "../../provider/ipvs/maintenance-boot";
import { noteMissed } from "../../provider/ipvs/maintenance-missed";
import {
  forgetPlaces,
  noteMaintenance,
  remember,
  rememberToo,
  rememberWeight,
} from "../../provider/ipvs/maintenance-record";
import { forgetLoaded } from "../../provider/linux/loaded-files";
import { putRules, type Rules, takeRules } from "../../provider/linux/netfilter";
import { switchBack, switchOn } from "../../provider/linux/switches";
import { fragment, removeBoot, writeBoot } from "../../provider/reconcile/boot";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

// What several things of a host share, each of them changes under one lock: a run that adds would otherwise meet a run that
// has seen that nothing is left, and takes the whole away.

const rules: Rules = { chain: "prerouting", comment: "lvs it", ipv6: false, nft: ["accept"], iptables: ["-j ACCEPT"] };
const file = fragment(40, "FirewallMark", "it", ":");
const HOLDER = { address: "10.0.1.1" };
const place = (key: string, weight = 1) => ({ match: { mark: 99, family: "ipv4" } as const, key, weight });
const [ONE, TWO] = [place("10.0.1.1:0"), place("10.0.1.1:80")];
const RECORD = { ...HOLDER, places: [ONE] };
const to = { forwarding: "dr", weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
const atBoot = maintenanceAtBoot(HOLDER.address, [{ ...ONE, to }]);
const joining = rememberToo(HOLDER.address, TWO, bootEntry(HOLDER.address, TWO.match, TWO.key, to));
const note = { reason: "a disk", by: "root@here", since: "2026-01-01T00:00:00Z" };
const missed = { address: HOLDER.address, directors: ["d1"], since: note.since };
const RECORDS = "maintenance-records";
const SWITCH = "net.ipv4.vs.expire_nodest_conn";

/** A program that tells whether the lock is free while the program runs, and then does what the real one does. */
const witness = (tool: string, lock: string) => `#!/bin/sh
if [ ! -e /run/lvs/${lock} ] || flock --nonblock /run/lvs/${lock} true; then echo free; else echo taken; fi >>/run/asked
[ ! -x /bin/${tool} ] || exec /bin/${tool} "$@"
`;

onHosts("the lock is held while", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    host.write("/proc/sys/net/ipv4/vs/expire_nodest_conn", "0\n");
  });
  afterEach(() => host[Symbol.dispose]());

  const changes: [what: string, lock: string, tool: string, run: Command, before?: Command][] = [
    ["rules come", "netfilter", "nft", sh(putRules(rules))],
    ["rules go", "netfilter", "nft", sh(takeRules(rules))],
    ["a switch goes on", "borrowed", "mv", switchOn(SWITCH, "it")],
    ["a switch goes back", "borrowed", "rm", switchBack(SWITCH, "it"), switchOn(SWITCH, "it")],
    ["a boot file comes", "boot", "mv", writeBoot(file).run],
    ["a boot file goes", "boot", "rm", removeBoot(file).run, writeBoot(file).run],
    ["a server is noted as out", RECORDS, "mv", remember([RECORD])],
    ["an operator's note comes", RECORDS, "mv", noteMaintenance(HOLDER.address, note)],
    ["a noted weight changes", RECORDS, "mv", rememberWeight({ ...ONE, weight: 3 }), remember([RECORD])],
    ["a destination joins a record", RECORDS, "mv", joining, remember([RECORD])],
    ["a record loses a place", RECORDS, "mv", forgetPlaces([RECORD]), remember([{ ...HOLDER, places: [ONE, TWO] }])],
    ["a record goes", RECORDS, "rm", forgetPlaces([RECORD]), remember([RECORD])],
    ["a director that was down is noted", RECORDS, "mv", noteMissed(missed)],
    ["a director that was down is up to date", RECORDS, "rm", noteMissed({ ...missed, directors: [] })],
    ["what a service has loaded is forgotten", "loaded", "rm", forgetLoaded("it.service", false)],
  ];
  test.each(changes)("%s", async (_, lock, tool, run, before = sh(":")) => {
    expect((await host.run({ steps: [before] })).steps).toMatchObject([{ exit: 0 }]);
    host.write(`/usr/local/sbin/${tool}`, witness(tool, lock));
    chmodSync(join(host.root, "/usr/local/sbin", tool), 0o755);
    await host.run({ steps: [run] });
    const asked = host.text("/run/asked").trim().split("\n");
    expect(asked).toEqual(asked.map(() => "taken"));
  });

  test("a destination joins the boot file of a server that is out: that of the boot files as well", async () => {
    await host.run({ steps: [writeBoot(atBoot).run, remember([RECORD])] });
    host.write("/usr/local/sbin/cat", witness("cat", "boot"));
    chmodSync(join(host.root, "/usr/local/sbin/cat"), 0o755);
    expect((await host.run({ steps: [joining] })).steps).toMatchObject([{ exit: 0 }]);
    // The first is the record, the second the boot file.
    expect(host.text("/run/asked")).toBe("free\ntaken\n");
    expect(host.text(atBoot.path)).toContain(TWO.key);
  });
});
