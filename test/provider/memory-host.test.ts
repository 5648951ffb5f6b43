import { readdirSync } from "node:fs";
import { sh } from "../../provider/host/command";
import { hostsArePossible, MemoryHost } from "./memory-host";

const onHosts = hostsArePossible ? describe : describe.skip;

onHosts("a host for tests", () => {
  let host: MemoryHost;
  beforeEach(() => {
    host = new MemoryHost();
  });
  afterEach(() => host[Symbol.dispose]());

  test("runs scripts on files of its own", async () => {
    const before = readdirSync("/etc");
    const write = sh(
      "mkdir -p /etc/of-the-host /var/lib/lvs && echo hello >/etc/of-the-host/file && echo 1 >/proc/sys/key",
    );
    const answer = await host.run({ steps: [write], looks: [sh("cat /etc/of-the-host/file; ls /usr/bin/env")] });
    expect(answer.machine).toBe("0123456789abcdef0123456789abcdef");
    expect(answer.looks[0]).toEqual({ exit: 0, stdout: "hello\n/usr/bin/env\n", stderr: "" });
    expect(host.text("/etc/of-the-host/file")).toBe("hello\n");
    expect(host.text("/proc/sys/key")).toBe("1\n");
    expect(readdirSync("/etc")).toEqual(before);
  });

  test("stops at the first step that fails", async () => {
    const { steps } = await host.run({ steps: [sh(":"), sh("exit 3"), sh("echo 1 >/srv/x")] });
    expect(steps.map(({ exit }) => exit)).toEqual([0, 3, undefined]);
    expect(host.has("/srv/x")).toBe(false);
  });

  test("loses the connection where it is told to", async () => {
    host.cutAfter(1);
    const steps = [sh("echo 1 >/srv/one"), sh("echo 2 >/srv/two")];
    expect((await host.run({ looks: [sh("echo look")] })).looks[0]?.stdout).toBe("look\n");
    await expect(host.run({ steps })).rejects.toMatchObject({ what: "cut" });
    expect([host.has("/srv/one"), host.has("/srv/two")]).toEqual([true, false]);
    expect((await host.run({ steps })).steps.map(({ exit }) => exit)).toEqual([0, 0]);
  });

  test("a snapshot tells content, mode and links, but not locks", async () => {
    host.write("/srv/file", "one");
    const before = host.snapshot();
    host.write("/run/lvs/some", "");
    expect(host.snapshot()).toEqual(before);
    await host.run({ steps: [sh("chmod 600 /srv/file")] });
    const changed = host.snapshot();
    expect(changed).not.toEqual(before);
    await host.run({ steps: [sh("ln -s /srv/file /srv/link")] });
    expect(host.snapshot()).toHaveLength(changed.length + 1);
  });

  test("its fakes answer like the tools", async () => {
    host.write("/run/units/nginx.service/enabled", "disabled\n");
    host.write("/srv/repository/nginx", "1.22");
    host.write("/srv/modules/ip_vs", "");
    const said = async (script: string) => (await host.run({ looks: [sh(script)] })).looks[0];
    expect((await said("systemctl start nginx.service && systemctl is-active nginx.service"))?.stdout).toBe("active\n");
    expect(await said("systemctl start other.service")).toMatchObject({
      exit: 5,
      stderr: expect.stringMatching("not found"),
    });
    expect(await said("apt-get -y install nginx")).toMatchObject({ exit: 100 });
    expect(await said("apt-get update && apt-get -y install nginx && dpkg-query -W nginx")).toMatchObject({
      stdout: "ii |1.22\n",
    });
    expect((await said("modprobe ip_vs; modprobe other; ls /sys/module"))?.stdout).toBe("ip_vs\n");
    expect(host.calls()).toContain("systemctl start nginx.service");
  });

  test("tells of a file that a loss of power could have emptied", async () => {
    const script = (sync: string) =>
      sh(`cd /srv; echo x >.x; ln -s x .y; mkdir .z; ${sync}; mv .x x; mv .y y; mv .z z`);
    const other = new MemoryHost();
    await host.run({ steps: [script("sync .x")] });
    await other.run({ steps: [script(":")] });
    expect(() => other[Symbol.dispose]()).toThrow("a loss of power may empty it: not synced: .x");
  });
});
