import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../provider/host/command";
import { sh } from "../../provider/host/command";
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
});
