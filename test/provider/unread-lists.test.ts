import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Reply } from "../../provider/host/command";
import { find } from "../../provider/host/fact";
import { notKnown } from "../../provider/ipvs/open-connections";
import { kinds } from "../../provider/kinds";
import { hasFloating, vrrpState } from "../../provider/linux/vrrp";
import type { Kind } from "../../provider/reconcile/kind";
import { lookAtDirector, servicesOf } from "../../provider/workflows/rollout/director-view";
import { makeDirector } from "./ldirectord-host";
import { MemoryHost } from "./memory-host";
import { onHosts, resources } from "./on-host";

// A list that could not be read is no empty one: what is there would count as gone, and a delete would leave and forget it.

const FAILS: Reply = { exit: 1, stdout: "", stderr: "RTNETLINK answers: Cannot allocate memory\n" };
const PARTLY: Reply = { exit: 0, stdout: "", stderr: "Dump was interrupted and may be inconsistent.\n" };
const NONE: Reply = { exit: 1, stdout: "", stderr: 'Device "eth9" does not exist.\n' };
const EMPTY: Reply = { exit: 0, stdout: "", stderr: "" };

describe.each([
  ["VipAlias", { address: "10.0.0.9", device: "eth9" }],
  ["VipAlias", { address: "2001:db8::9", device: "eth9" }],
  ["Route", { to: "10.1.0.0/16", via: "10.0.0.1" }],
  ["RoutingRule", { priority: 100, from: "10.1.0.0/16", table: "7" }],
  ["Link", { device: "eth9" }],
  ["LinkMtu", { device: "eth9", mtu: 1500 }],
])("%s %j", (name, inputs) => {
  const kind = kinds.get(name) as Kind;
  const want = kind.inputs.parse(inputs);
  const { ask, read } = kind.look({ had: want });
  const isIp = ask.map(({ argv }) => argv.join(" ").includes("ip ") || argv.join(" ").includes('ip "'));
  const asked = isIp.flatMap((is, at) => (is ? [at] : []));
  const replies = (at: number, one: Reply) => ask.map((_, i) => (i === at ? one : EMPTY));

  test.each(asked)("look %d fails, or lists a part", (at) => {
    expect(() => read(replies(at, FAILS))).toThrow(/^reading .*Cannot allocate memory.*Run again/);
    expect(() => read(replies(at, PARTLY))).toThrow(/^reading .*Dump was interrupted.*Run again/);
    expect(() => read(replies(at, NONE))).not.toThrow();
  });
});

test.each([
  ["net.ipv6.conf.all.forwarding", "1"],
  ["net.ipv6.conf.all.disable_ipv6", "1"],
])("Sysctl %s takes something away that could not be listed", (key, value) => {
  const kind = kinds.get("Sysctl") as Kind;
  const { read } = kind.look({ want: kind.inputs.parse({ key, value }) });
  expect(() => read([{ ...EMPTY, stdout: "0\n" }, FAILS])).toThrow(/^reading .* of IPv6: .*Cannot allocate memory/);
  // Nothing goes where it is so already, and where there is no IPv6.
  for (const said of ["1\n", ""]) expect(() => read([{ ...EMPTY, stdout: said }, FAILS])).not.toThrow();
});

const program = (host: { root: string; write(path: string, text: string): void }, name: string, script: string) => {
  host.write(`/usr/local/sbin/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(join(host.root, "/usr/local/sbin", name), 0o755);
};

onHosts("what is installed and cannot be read", () => {
  const packages = resources("Package");
  const passing = { package: "nginx", removeOnDelete: true };

  test("by dpkg", async () => {
    packages.host.write("/srv/repository/nginx", "1.22.1-9");
    await packages.make(passing);
    program(packages.host, "dpkg-query", 'echo "dpkg-query: error: parsing file /var/lib/dpkg/status" >&2; exit 2');
    const told = /^host memory: apt does not say which packages are installed: dpkg-query: error: parsing file/;
    await expect(packages.drop(passing)).rejects.toThrow(told);
    await expect(packages.read(passing)).rejects.toThrow(told);
    expect(packages.host.has("/var/lib/lvs/ledger/Package.nginx")).toBe(true);
  });

  test("by rpm, which says after it that there is no such package", async () => {
    packages.host.write("/etc/os-release", "ID=rocky\n");
    packages.host.write("/srv/repository/nginx", "1.20.1-14.el9");
    await packages.make(passing);
    const fails =
      'echo "error: cannot open Packages index using sqlite" >&2; echo "package $4 is not installed"; exit 1';
    program(packages.host, "rpm", fails);
    await expect(packages.drop(passing)).rejects.toThrow(/dnf does not say .*cannot open Packages index/);
    expect(packages.host.has("/var/lib/lvs/ledger/Package.nginx")).toBe(true);
  });
});

onHosts("a unit of which systemd does not say whether it is enabled", () => {
  const services = resources("SystemdService");

  test("is not taken for disabled: a delete would have disabled it", async () => {
    services.host.write("/run/units/nginx.service/active", "active\n");
    const show = "show) echo LoadState=loaded; echo ActiveState=active;;";
    const said = (words: string) => `case $1 in ${show} is-enabled) echo "${words}" >&2; exit 1;; esac`;
    program(services.host, "systemctl", said("Failed to get unit file state: Connection timed out"));
    await expect(services.make({ unit: "nginx" })).rejects.toThrow(
      /^host memory: asking systemd: .*Connection timed out/,
    );
    expect(services.host.has("/var/lib/lvs")).toBe(false);
    // One without a file, as a mount that somebody made by hand.
    program(services.host, "systemctl", said("Failed to get unit file state for it: No such file or directory"));
    await expect(services.read({ unit: "nginx" })).resolves.toBeDefined();
  });
});

onHosts("a tool that fails has not said no", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    makeDirector(host);
    host.write("/run/systemd/system/it", "");
    host.write("/proc/sys/net/ipv4/vs/conntrack", "0\n");
    host.write("/etc/keepalived/lvs-checks/shop.conf", "virtual_server 10.0.0.9 80 {\n");
  });
  afterEach(() => host[Symbol.dispose]());

  const BUS = "Failed to retrieve unit state: Connection timed out";
  const sites = servicesOf([{ vip: "10.0.0.9", mark: 0 }]);

  test.each<[string, (host: MemoryHost) => Promise<unknown>]>([
    ["whether an instance of VRRP is", (it) => find(it, vrrpState("shop"))],
    ["whether an address floats", (it) => find(it, hasFloating("10.0.0.9", "eth0"))],
    ["a director's checkers", (it) => lookAtDirector(it, sites)],
  ])("systemd that does not answer: %s", async (_, asked) => {
    program(host, "ip", ":");
    await asked(host);
    program(host, "systemctl", `echo "${BUS}" >&2; exit 1`);
    await expect(asked(host)).rejects.toThrow(/^host memory: reading .*: Failed to retrieve unit state: .*run again$/);
    // 4: there is no such unit.
    for (const exit of [3, 4]) {
      program(host, "systemctl", `exit ${exit}`);
      await asked(host);
    }
  });

  test("ip: a director has the VIP that it does not list", async () => {
    program(host, "ip", 'echo "Cannot send dump request: No buffer space available" >&2; exit 1');
    await expect(lookAtDirector(host, sites)).rejects.toThrow(
      /reading which VIPs the host has: Cannot send dump request/,
    );
  });

  test("awk: the connections of a director are known to another one", async () => {
    const known = notKnown(["TCP 0A000015 9C40 0A000009 0050 0A00000B 0050"]);
    expect(await find(host, known)).toHaveLength(1);
    program(host, "awk", 'echo "awk: out of memory" >&2; exit 2');
    await expect(find(host, known)).rejects.toThrow(/reading the connections that it knows: awk: out of memory/);
  });

  test.each([
    [
      "cat",
      "Sysctl",
      { key: "net.ipv4.vs.conntrack", value: "1" },
      "cat: net/ipv4/vs/conntrack: Cannot allocate memory",
    ],
    ["id", "SystemUser", { user: "www-data" }, "id: cannot find name for user ID 33"],
  ])("%s: what was found is unknown, and would not come back", async (tool, name, inputs, said) => {
    const kind = kinds.get(name) as Kind;
    const looked = () => find(host, kind.look({ want: kind.inputs.parse(inputs) }));
    await looked();
    program(host, tool, `echo "${said}" >&2; exit 1`);
    await expect(looked()).rejects.toThrow(said);
  });
});
