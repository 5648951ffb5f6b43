import { chmodSync } from "node:fs";
import { join } from "node:path";
import { remove } from "../../provider/linux/address-entry";
import { onHosts, resources } from "./on-host";

onHosts("an address that goes where /proc/sys is read-only", () => {
  const alias = resources("VipAlias");
  beforeEach(() => {
    // A folder in the switch's place: root could write to a file without rights.
    alias.host.write("/proc/sys/net/ipv4/conf/eth0/promote_secondaries/x", "");
    alias.host.write("/usr/local/sbin/ip", `#!/bin/sh\nprintf '%s\\n' "ip $*" >>/run/log\n`);
    chmodSync(join(alias.host.root, "/usr/local/sbin/ip"), 0o755);
  });
  const gone = async (prefix: number, ...more: string[]) => {
    const { run } = remove({ address: "10.0.0.9", device: "eth0" }, { prefix, scope: "global", more });
    const [reply] = (await alias.host.run({ steps: [run] })).steps;
    return [reply?.exit, alias.host.calls().filter((call) => call.startsWith("ip "))];
  };

  test("goes if it is alone in its network: no other one goes with it", async () => {
    expect(await gone(32)).toEqual([0, ["ip -4 address del 10.0.0.9/32 dev eth0"]]);
  });

  test.each([[24], [32, "peer", "10.0.0.1/32"]] as const)(
    "stays if others could go with it (/%s)",
    async (...entry) => {
      const [prefix, ...more] = entry;
      expect(await gone(prefix, ...(more as string[]))).toEqual([1, []]);
    },
  );
});
