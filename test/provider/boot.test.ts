import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fragment, removeBoot, writeBoot } from "../../provider/reconcile/boot";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

const RUNNER = "/etc/lvs/boot";
const UNIT = "/etc/systemd/system/lvs-boot.service";

onHosts("the service that brings fragments back at boot", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    // The first two files say that systemd runs. The folder of the third makes the unit known to the fake systemctl, by
    // the name that it is called with.
    for (const file of ["/run/systemd/system/x", "/etc/systemd/system/x", "/run/units/lvs-boot/x"])
      host.write(file, "");
  });
  afterEach(() => host[Symbol.dispose]());

  const one = fragment(10, "Link", "one", ":");
  const write = async () => (await host.run({ steps: [writeBoot(one).run] })).steps;

  test("is installed with the first fragment, and goes with the last", async () => {
    const lasting = () => host.snapshot().filter((line) => !line.startsWith("/run"));
    const before = lasting();
    expect(await write()).toMatchObject([{ exit: 0, stderr: "" }]);
    expect(host.text(one.path)).toBe(":\n");
    expect(host.mode(RUNNER)).toBe("0755");
    expect(host.text(UNIT)).toContain(`ExecStart=${RUNNER}\n`);
    expect(spawnSync("sh", ["-n", join(host.root, RUNNER)]).status).toBe(0);
    for (const file of [RUNNER, UNIT]) expect(host.calls()).toContain(`mv -fT ${file}.new ${file}`);
    expect(host.calls()).toContain("systemctl -q enable lvs-boot");
    expect((await host.run({ steps: [removeBoot(one).run] })).steps).toMatchObject([{ exit: 0 }]);
    expect(lasting()).toEqual(before);
  });

  test.each([RUNNER, UNIT])("%s is made whole again where it is not", async (file) => {
    await write();
    const whole = host.text(file);
    host.write(file, "");
    await write();
    expect(host.text(file)).toBe(whole);
    expect(host.has(`${file}.new`)).toBe(false);
  });
});
