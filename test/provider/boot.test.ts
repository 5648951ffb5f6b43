import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { find } from "../../provider/host/fact";
import { bootState, fragment, removeBoot, runner, writeBoot } from "../../provider/reconcile/boot";
import { MemoryHost } from "./memory-host";
import { onHosts } from "./on-host";

const RUNNER = "/etc/lvs/boot";
const UNIT = "/etc/systemd/system/lvs-boot.service";
const AGAIN = "/etc/systemd/system/lvs-boot-again.service";
const WATCH = "/etc/systemd/system/lvs-boot-again.path";

onHosts("the service that brings fragments back at boot", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
    // The first two files say that systemd runs. The folder of the third makes the unit known to the fake systemctl.
    for (const file of ["/run/systemd/system/x", "/etc/systemd/system/x", "/run/units/lvs-boot.service/x"])
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
    expect(host.text(AGAIN)).toContain(`ExecStart=${RUNNER} again\n`);
    expect(host.text(WATCH)).toContain("PathChanged=/run/systemd/netif/links\n");
    for (const file of [RUNNER, UNIT, AGAIN, WATCH]) expect(host.calls()).toContain(`mv -fT ${file}.new ${file}`);
    const all = "lvs-boot.service lvs-boot-again.service lvs-boot-again.path";
    expect(host.calls()).toContain(`systemctl -q enable ${all}`);
    expect((await host.run({ steps: [removeBoot(one).run] })).steps).toMatchObject([{ exit: 0 }]);
    expect(host.calls()).toContain(`systemctl -q disable --now ${all}`);
    expect(lasting()).toEqual(before);
  });

  test.each(["/etc/lvs/boot.d", "/etc/lvs"])(
    "%s that is a link stays one, and counts as nothing of ours without a fragment",
    async (folder) => {
      host.write("/srv/elsewhere/x", "");
      host.remove("/srv/elsewhere/x");
      mkdirSync(join(host.root, dirname(folder)), { recursive: true });
      symlinkSync("/srv/elsewhere", join(host.root, folder));
      expect(await write()).toMatchObject([{ exit: 0, stderr: "" }]);
      expect(await find(host, bootState(one))).not.toBe("absent");
      expect((await host.run({ steps: [removeBoot(one).run] })).steps).toMatchObject([{ exit: 0 }]);
      expect(await find(host, bootState(one))).toBe("absent");
      expect(readdirSync(join(host.root, "/srv/elsewhere"))).toEqual([]);
      expect(readlinkSync(join(host.root, folder))).toBe("/srv/elsewhere");
    },
  );

  test.each([RUNNER, UNIT, AGAIN, WATCH])("%s is made whole again where it is not", async (file) => {
    await write();
    const whole = host.text(file);
    host.write(file, "");
    await write();
    expect(host.text(file)).toBe(whole);
    expect(host.has(`${file}.new`)).toBe(false);
  });

  test("runs every fragment again when it is told so, also after one that fails, and ends", async () => {
    const fragments = ["1-one", "2-two.new", "3-three"].map((name) => `/etc/lvs/boot.d/${name}`);
    for (const file of fragments) host.write(file, `echo ${file} >>/run/ran; exit 3\n`);
    host.write(RUNNER, runner.replace("sleep $pause", ":"));
    const [reply] = (await host.run({ steps: [{ argv: ["sh", RUNNER, "again"] }] })).steps;
    expect(reply?.exit).toBe(0);
    expect(host.text("/run/ran").trim().split("\n")).toEqual([0, 1, 2].flatMap(() => [fragments[0], fragments[2]]));
  });

  test("brings no address back that floats: keepalived does", async () => {
    for (const identity of ["10.0.0.9 eth0", "fd00::9 eth0", "10.0.0.9 eth1"])
      host.write(fragment(20, "VipAlias", identity, "").path, `echo ${identity} >>/run/ran\n`);
    host.write("/etc/keepalived/lvs.d/shop.conf", "    10.0.0.9/32 dev eth0\n    fd00::9/128 dev eth0\n");
    host.write(RUNNER, runner.replace("sleep $pause", ":"));
    await host.run({ steps: [{ argv: ["sh", RUNNER, "again"] }] });
    expect(host.text("/run/ran").trim().split("\n")).toEqual(Array(3).fill("10.0.0.9 eth1"));
  });
});
