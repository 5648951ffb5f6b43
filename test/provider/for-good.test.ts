import { dirname } from "node:path";
import { sh } from "../../provider/host/command";
import { forGood } from "../../provider/host/shell";
import type { MemoryHost } from "./memory-host";
import { onHosts, resources } from "./on-host";

/**
 * Names that a loss of power could still remove or bring back: the name's folder was not synced after the last change.
 */
function notOnDisk(host: MemoryHost): string[] {
  const calls = host.calls().map((call) => call.split(" "));
  const lasts = (at: number, folder: string): boolean =>
    calls.slice(at).some(([tool, ...words]) => tool === "sync" && words.includes(folder)) ||
    (!host.has(folder) && lasts(at, dirname(folder)));
  return calls.flatMap(([tool, ...words], at) => {
    const paths = words.filter((word) => /^\/(etc|srv|var)\//.test(word));
    const names = tool === "mv" ? paths.slice(-1) : tool === "rm" ? paths : [];
    return names.filter((name) => !lasts(at, dirname(name)));
  });
}

onHosts.each([
  ["KernelModule", { module: "ip_vs" }, "/etc/modules-load.d/lvs-ip_vs.conf"],
  ["Sysctl", { key: "net.ipv4.ip_nonlocal_bind", value: 1 }, "/etc/sysctl.d/zz-lvs-net.ipv4.ip_nonlocal_bind.conf"],
  ["File", { path: "/srv/site/page", content: "new" }, "/srv/site/page"],
  ["File", { path: "/etc/motd", content: "new" }, "/etc/motd"],
])("a loss of power after a %s was made or taken away", (kind, inputs, path) => {
  const some = resources(kind);
  beforeEach(() => {
    some.host.write("/srv/modules/ip_vs", "");
    some.host.write("/proc/sys/net/ipv4/ip_nonlocal_bind", "0\n");
    some.host.write("/etc/motd", "found");
  });

  test(`changes nothing at ${path} nor in the ledger`, async () => {
    await some.make(inputs);
    expect([some.host.has(path), notOnDisk(some.host)]).toEqual([true, []]);
    await some.drop(inputs);
    expect([some.host.has(path), notOnDisk(some.host)]).toEqual([path === "/etc/motd", []]);
    // The calls that are examined exist.
    expect(some.host.calls().filter((call) => /^(mv|rm) /.test(call)).length).toBeGreaterThan(3);
  });
});

onHosts("a name that is brought to the disk", () => {
  const some = resources("File");
  const bring = async (path: string) => (await some.host.run({ steps: [sh(forGood('"$1"'), path)] })).steps[0]?.exit;

  test("lasts with its folder, or with what is left above it", async () => {
    some.host.write("/srv/here/file", "");
    expect([await bring("/srv/here/file"), await bring("/srv/gone/as/well")]).toEqual([0, 0]);
    expect(some.host.calls()).toEqual(["sync /srv/here", "sync /srv"]);
  });

  test("is none where the disk cannot be written", async () => {
    some.host.write("/usr/local/sbin/sync", "#!/bin/sh\nexit 1\n");
    expect(await bring("/srv/file")).toBe(1);
  });
});
