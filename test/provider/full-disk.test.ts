import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { sh } from "../../provider/host/command";
import { render } from "../../provider/host/shell";
import { putRules } from "../../provider/linux/netfilter";
import { onHosts, resources } from "./on-host";

// A host whose disk is full, whose tools are others than ours, or whose files are more than a name and a content.

onHosts("a file that was found", () => {
  const files = resources("File");
  const path = "/etc/motd";
  const want = { path, content: "declared, and without a line end" };
  beforeEach(() => files.host.write(path, "found\n"));

  /** Puts a program before the host's own. */
  function program(name: string, script: string): void {
    files.host.write(`/usr/local/sbin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(join(files.host.root, "/usr/local/sbin", name), 0o755);
  }

  /** What is on the host, but for its programs. */
  const own = () => files.host.snapshot().filter((line) => !line.startsWith("/usr/"));

  test("stays where there is no room to keep it, and nothing stays of the copy", async () => {
    const before = own();
    program(
      "cp",
      'for to; do :; done; echo part >"$to"; echo "cp: error writing: No space left on device" >&2; exit 1',
    );
    const { failure } = await files.make(want);
    expect(failure?.message).toContain("keeping what was found at /etc/motd: exit 1: cp: error writing");
    expect(failure?.message).toContain("make room (df -h and df -i say where)");
    expect(files.host.text(path)).toBe("found\n");
    expect(readdirSync(join(files.host.root, "/var/lib/lvs/ledger"))).toEqual(["File.%2Fetc%2Fmotd"]);
    await files.drop(want);
    expect(own()).toEqual(before);
  });

  test("is the only one after a run that was killed while it kept it", async () => {
    const before = files.host.snapshot();
    // The folder of the ledger, and what a copy that was cut leaves in it.
    files.host.cutAfter(1);
    expect((await files.make(want)).failure?.message).toMatch("lost");
    files.host.write("/var/lib/lvs/ledger/File.%2Fetc%2Fmotd.found.new", "fou");
    await files.drop(want);
    expect(files.host.snapshot()).toEqual(before);
  });

  test("stays where the new content cannot be decoded", async () => {
    program("base64", 'case $* in *-d*) echo "base64: not here" >&2; exit 127;; esac; exec /usr/bin/base64 "$@"');
    const { failure } = await files.make(want);
    expect(failure?.message).toContain("writing /etc/motd: exit 127: base64: not here");
    expect(files.host.text(path)).toBe("found\n");
  });

  test.each(["found\n", "found\n".repeat(20_000)])(
    "that cannot be read is an error, and does not count as an empty one",
    async (content) => {
      files.host.write(path, content);
      // As dd of BusyBox.
      program(
        "dd",
        `case $* in *nofollow*) echo "dd: invalid argument 'nofollow' to 'iflag'" >&2; exit 1;; esac; exec /usr/bin/dd "$@"`,
      );
      await expect(files.make(want)).rejects.toThrow(
        "host memory: looking at /etc/motd: dd: invalid argument 'nofollow' to 'iflag'. The host has tools of BusyBox, which do less",
      );
      expect([files.host.text(path), files.host.has("/var/lib/lvs")]).toEqual([content, false]);
    },
  );

  test.each(["dd", "flock"])("stays where %s is BusyBox's, and nothing else is changed", async (tool) => {
    const before = own();
    const bin = join(files.host.root, "/usr/local/sbin");
    program("busybox", ":");
    if (existsSync(join(bin, tool))) renameSync(join(bin, tool), join(bin, "own"));
    symlinkSync("busybox", join(bin, tool));
    const { failure } = await files.make(want);
    expect(failure?.message).toMatch(
      /exit 75: dd or flock is that of BusyBox. The host has tools of BusyBox, .*install coreutils and util-linux/,
    );
    expect(own()).toEqual(before);
    // Many a host has one beside its own tools.
    rmSync(join(bin, tool));
    if (existsSync(join(bin, "own"))) renameSync(join(bin, "own"), join(bin, tool));
    expect((await files.make(want)).failure).toBeUndefined();
  });

  test("under two names has both of them again", async () => {
    // On the file system of the ledger: a link does not go further.
    const [one, other] = ["/var/lib/app/motd", "/var/lib/app/also"];
    const it = { ...want, path: one };
    files.host.write(one, "found\n");
    const [here, there] = [one, other].map((name) => join(files.host.root, name)) as [string, string];
    linkSync(here, there);
    const { ino } = lstatSync(here);
    const before = files.host.snapshot();
    await files.make(it);
    expect([files.host.text(one), files.host.text(other)]).toEqual([want.content, "found\n"]);
    writeFileSync(there, "changed by its other name\n");
    await files.drop(it);
    expect([lstatSync(here).ino, lstatSync(there).nlink]).toEqual([ino, 2]);
    expect(files.host.text(one)).toBe("changed by its other name\n");
    const names = (lines: string[]) => lines.map((line) => line.replace(/ \d+(\.\d+)? [0-9a-f]{64}$/, ""));
    expect(names(files.host.snapshot())).toEqual(names(before));
  });
});

onHosts("an interface", () => {
  const vips = resources("VipAlias");

  test("that BusyBox cannot show is told with what to install", async () => {
    const usage =
      "echo \"ip: invalid argument '-o' to 'ip'\" >&2; echo \"BusyBox v1.36.1 (2024-01-01) multi-call binary.\" >&2; exit 1";
    vips.host.write("/usr/local/sbin/ip", `#!/bin/sh\n${usage}\n`);
    chmodSync(join(vips.host.root, "/usr/local/sbin/ip"), 0o755);
    await expect(vips.make({ address: "10.0.0.9", device: "eth0" })).rejects.toThrow(
      /host memory: reading the addresses of eth0: .*install coreutils and util-linux there \(and iproute2 for `ip`\)/s,
    );
    expect(vips.host.has("/var/lib/lvs")).toBe(false);
  });
});

const isPossible = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/srv"]).status === 0;
const bash = isPossible && spawnSync("bash", ["--norc", "-c", ":"]).status === 0 ? test : test.skip;

/** Runs a script by bash where nothing can be written to /tmp. */
function withoutTemporaryFiles(input: string, after: string) {
  const full = `for folder in /tmp /var/tmp; do mount -t tmpfs -o size=4k,nr_inodes=1 none $folder || exit 1; done
    mount -t tmpfs none /srv; echo found >/srv/out; cd /proc; bash; ${after}`;
  return spawnSync("unshare", ["--mount", "sh", "-c", full], { input, encoding: "utf8" });
}

bash("bash as sh does not take rules away where there is no room for the new ones", () => {
  const ports = Array.from({ length: 20_000 }, (_, i) => 1000 + 2 * i).join(", ");
  const rule = `ip daddr 10.0.0.1 tcp dport { ${ports} } meta mark set 7`;
  const put = putRules({ chain: "prerouting", comment: "lvs mark 7", ipv6: false, nft: [rule], iptables: [] });
  const there = "echo 'ip daddr 10.0.0.1 tcp dport 80 meta mark set 7 comment \"lvs mark 7\" # handle 4'";
  const nft = `nft() { case $* in *list*) ${there};; *) cat >/srv/out;; esac; }\n`;
  const { stdout } = withoutTemporaryFiles(nft + put, "cat /srv/out");
  expect(stdout.split("\n").slice(2)).toEqual([
    "delete rule inet lvs prerouting handle 4",
    `add rule inet lvs prerouting ${rule} comment "lvs mark 7"`,
    "",
  ]);
});

bash("bash as sh does not empty a file where there is no room for its here-documents", () => {
  const long = "0123456789abcdef".repeat(10_000);
  const steps = [{ ...sh('cat >"$1"', "/srv/out"), stdin: long }];
  const { stdout } = withoutTemporaryFiles(render({ steps }).text, "cat /srv/out");
  expect(stdout).toContain(long);
});
