import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Reply } from "../../provider/host/command";
import { kinds } from "../../provider/kinds";
import type { Kind } from "../../provider/reconcile/kind";
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
