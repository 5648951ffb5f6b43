import { sh } from "../../provider/host/command";
import { StepFailed } from "../../provider/host/errors";
import { isGate } from "../../provider/linux/logins";
import { onHosts, resources } from "./on-host";

const PAM = "/etc/pam.d/sshd";
const FOUND = "auth required pam_unix.so\n";

onHosts("a file on which it depends who can log in", () => {
  const files = resources("File");
  const inputs = { path: PAM, content: "auth required pam_deny.so\n" };
  beforeEach(() => {
    files.host.write(PAM, FOUND);
    // As in boot.test.ts: systemd runs, and the fake systemctl knows the unit.
    for (const file of ["/run/systemd/system/x", "/etc/systemd/system/x", "/run/units/lvs-boot/x"])
      files.host.write(file, "");
  });

  const run = async (...scripts: string[]) => {
    for (const { exit, stderr } of (await files.host.run({ steps: scripts.map((one) => sh(one)) })).steps)
      if (exit !== 0) throw new Error(stderr);
  };
  const boot = () => run('for fragment in /etc/lvs/boot.d/*; do sh "$fragment" || exit; done');
  /** The run is killed before the new connection. */
  const killed = (declared: object) =>
    new Promise<void>((end) => {
      files.host.reconnect = () => new Promise(() => end());
      void files.make(declared);
    });

  test("is kept once a new connection was made, and nothing of the way back is left", async () => {
    await files.make(inputs);
    expect(files.host.text(PAM)).toBe(inputs.content);
    expect(files.host.calls().join("\n")).toMatch(/systemd-run .*--on-active=60/);
    for (const gone of ["/etc/lvs", "/var/lib/lvs/former", `/var/lib/lvs/undo.File.${encodeURIComponent(PAM)}`])
      expect([gone, files.host.has(gone)]).toEqual([gone, false]);
    await files.drop(inputs);
    expect(files.host.text(PAM)).toBe(FOUND);
    expect(files.host.has("/var/lib/lvs")).toBe(false);
  });

  test("is as it was after a boot that came before the proof, and no later boot changes it", async () => {
    await killed(inputs);
    await boot();
    expect(files.host.text(PAM)).toBe(inputs.content);
    await run("rm -r /run/lvs");
    await boot();
    expect(files.host.text(PAM)).toBe(FOUND);
    files.host.write(PAM, "by hand\n");
    await boot();
    expect(files.host.text(PAM)).toBe("by hand\n");
  });

  test("stays at every boot after a look has proven it, also if the run was killed before", async () => {
    await killed(inputs);
    files.host.reconnect = async () => {};
    await files.read(inputs);
    await run("rm -r /run/lvs");
    await boot();
    expect(files.host.text(PAM)).toBe(inputs.content);
    await files.drop(inputs);
    expect(files.host.text(PAM)).toBe(FOUND);
    expect([files.host.has("/etc/lvs"), files.host.has("/var/lib/lvs")]).toEqual([false, false]);
  });

  test.each([3, 4])("leaves no copy of itself after a run that was cut after step %d", async (steps) => {
    const own = () => files.host.snapshot().filter((line) => !line.startsWith("/run/"));
    const before = own();
    files.host.cutAfter(steps);
    expect((await files.make(inputs)).failure?.message).toMatch("lost");
    expect(files.host.text("/var/lib/lvs/former/File.%2Fetc%2Fpam.d%2Fsshd")).toBe(FOUND);
    await files.drop(inputs);
    expect(own()).toEqual(before);
  });

  test("leaves none either where the cut came after the proof, and the next run has nothing else to do", async () => {
    const places = ["/etc/lvs", "/var/lib/lvs/former"];
    await files.make(inputs);
    files.host.write("/var/lib/lvs/former/File.%2Fetc%2Fpam.d%2Fsshd", FOUND);
    files.host.write("/etc/lvs/boot.d/0-undo-File.%2Fetc%2Fpam.d%2Fsshd", "");
    expect((await files.make(inputs, inputs)).failure).toBeUndefined();
    expect(places.map((place) => files.host.has(place))).toEqual([false, false]);
    expect(files.host.text(PAM)).toBe(inputs.content);
  });

  test("that was not there is away again after such a boot", async () => {
    await killed({ path: "/etc/nologin", content: "" });
    expect(files.host.has("/etc/nologin")).toBe(true);
    await run("rm -r /run/lvs");
    await boot();
    expect(files.host.has("/etc/nologin")).toBe(false);
  });

  test("is put back by a boot whatever is in its name", async () => {
    const path = "/etc/pam.d/it's $(one)";
    files.host.write(path, FOUND);
    await killed({ ...inputs, path });
    expect(files.host.text(path)).toBe(inputs.content);
    await run("rm -r /run/lvs");
    await boot();
    expect(files.host.text(path)).toBe(FOUND);
  });

  test.each([
    ...["/etc/group", "/etc/bash.bashrc", "/srv/admin/.bashrc", "/srv/admin/.ssh/rc", "/etc/environment"],
    ...["/etc/sudo.conf", "/etc/pam.conf", "/etc/dropbear/authorized_keys", "/etc/ssh/ssh_host_ed25519_key.pub"],
  ])("or which its shell runs first, is guarded as well: %s", async (path) => {
    await files.make({ path, content: "" });
    expect(files.host.calls().join("\n")).toContain("systemd-run");
  });

  test("a host key that Pulumi does not know is put back by the host, and the cure is told", async () => {
    const path = "/etc/ssh/ssh_host_ed25519_key";
    files.host.write(path, "found\n");
    files.host.reconnect = () => run("xargs -0 -a /run/fire env");
    const inputs = { path, content: "new\n", mode: "0600" };
    expect((await files.make(inputs)).failure?.message).toMatch(/^host memory: writing .*: the host undid it before/);
    expect(files.host.text(path)).toBe("found\n");
    const steps = files.kind.plan({ want: files.want(inputs) }, { here: { is: "nothing" }, kept: { is: "nothing" } });
    expect(steps.flatMap(({ risky }) => risky?.advice ?? [])).toEqual([
      "Does the Host's hostKey, or known_hosts, have the new key as well as the former one?",
    ]);
  });

  test.each([
    "/etc/motd",
    "/etc/ssh/ssh_config",
    "/etc/ssh/ssh_known_hosts",
    "/srv/.bash_history",
    "/etc/groups",
    "/srv/bashrc",
  ])("another file is written without any of it: %s", async (path) => {
    await files.make({ path, content: "" });
    expect(files.host.calls().join("\n")).not.toContain("systemd-run");
  });
});

test.each([
  ["wg-quick@wg0.service", true],
  ["openvpn-client@office.service", true],
  ["shorewall.service", true],
  ["sssd.service", true],
  ["dropbear.socket", true],
  ["systemd-user-sessions.service", true],
  ["frr.service", true],
  ["tinc@office.service", true],
  ["frr-exporter.service", false],
  ["nginx.service", false],
  ["openvpn-exporter.service", false],
  ["ssh-agent.service", false],
])("%s: is a gate: %s", (unit, gate) => {
  expect(isGate(unit)).toBe(gate);
});

onHosts("a unit on which it depends who gets in", () => {
  const services = resources("SystemdService");
  const file = (name: string) => `/run/units/nftables.service/${name}`;
  beforeEach(() => services.host.write("/run/systemd/system/README", ""));

  test("starts at boot only after it is proven to let us in", async () => {
    services.host.write(file("active"), "inactive\n");
    services.host.reconnect = async () => {
      expect([services.host.text(file("active")), services.host.has(file("enabled"))]).toEqual(["active\n", false]);
      await services.host.run({ steps: [sh("xargs -0 -a /run/fire env")] });
    };
    expect((await services.make({ unit: "nftables" })).failure).toBeInstanceOf(StepFailed);
    expect([services.host.text(file("active")), services.host.has(file("enabled"))]).toEqual(["inactive\n", false]);
    services.host.reconnect = async () => {};
    expect((await services.make({ unit: "nftables" })).failure).toBeUndefined();
    expect(services.host.text(file("enabled"))).toBe("enabled\n");
  });
});
