import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { poll } from "pulumi-lvs-provider/poll";
import type { DomainType } from "./domain-type.js";
import { inNamespace } from "./namespace.js";
import type { Place } from "./place.js";

/**
 * Starts a libvirtd of the lab's own. Its folders are bound over the usual ones in a private mount namespace, which `ip
 * netns exec` makes anyway. So the machine's own libvirt, networks and guests are not affected. All of /run belongs to
 * the namespace. So there is no D-Bus, and nothing registers with the machine's systemd.
 *
 * @param emulator a folder whose `usr` has the QEMU to run in place of the machine's own
 */
export async function ensureLibvirtd(lab: Place, type: DomainType, emulator?: string): Promise<void> {
  if (await answers(lab)) return;
  await endLibvirtd(lab);
  const folders = {
    run: "/run",
    lib: "/var/lib/libvirt",
    log: "/var/log/libvirt",
    cache: "/var/cache/libvirt",
    etc: "/etc/libvirt",
  };
  for (const own of [...Object.keys(folders), "console"]) await mkdir(join(lab.system, own), { recursive: true });
  // Root and qemu's own user alone may read this folder: seed disks contain the guests' private host keys.
  await execa("chown", ["root:libvirt-qemu", lab.system]);
  await chmod(lab.system, 0o750);
  // qemu's user has to pass through these folders, whatever the umask is.
  for (const own of ["run", "lib", "log", "cache", "console"]) await chmod(join(lab.system, own), 0o755);
  await writeFile(join(lab.system, "etc", "qemu.conf"), qemuConf);
  await writeFile(join(lab.system, "etc", "libvirtd.conf"), libvirtdConf);
  const script = [
    ...Object.entries(folders).map(([own, usual]) => `mkdir -p ${usual} && mount --bind "$1/${own}" ${usual}`),
    ...(type === "qemu" ? [hideKvm] : []),
    ...(emulator ? emulatorParts.map((part) => `mount --bind "$2/usr/${part}" /usr/${part}`) : []),
    // The daemon outlives whoever starts it, and the temporary folder of a test that does.
    "exec env -u TMPDIR libvirtd --daemon --pid-file /run/libvirtd.pid",
  ].join(" && ");
  const started = await inNamespace(lab.namespace, "sh", ["-c", script, "libvirtd", lab.system, emulator ?? ""], {
    reject: false,
    stdin: "ignore",
    timeout: 60_000,
  });
  if (started.exitCode !== 0)
    throw new Error(`lab ${lab.stack}: its libvirtd did not start: ${started.stderr || started.shortMessage}`);
  if (await poll(() => answers(lab), Boolean, { within: 60, every: 0.2 })) return;
  throw new Error(
    `lab ${lab.stack}: its libvirtd started but does not answer at ${lab.libvirtUri}; see ${join(lab.system, "log")}`,
  );
}

/**
 * Where /dev/kvm exists and must not be used, libvirt has to find it unusable every time. libvirt tests qemu with the
 * device open, and finds later that qemu's user may not open the device. It then drops its cached capabilities and
 * tests every program again at every call, so that one `up` takes minutes. A plain file in the place of the device,
 * which nobody else may open, is unusable in both tests.
 */
const hideKvm =
  'if [ -e /dev/kvm ]; then : > "$1/no-kvm" && chmod 600 "$1/no-kvm" && mount --bind "$1/no-kvm" /dev/kvm; fi';

/** The parts of one QEMU: the program, its firmware, its modules. */
const emulatorParts = ["bin/qemu-system-x86_64", "share/qemu", "share/seabios", "lib/x86_64-linux-gnu/qemu"];

/**
 * qemu runs without cgroups and security drivers, and libvirt notes no owners of files. The guests are the lab's own,
 * and the machine may have none of these mechanisms.
 */
const qemuConf = `security_driver = "none"
namespaces = []
cgroup_controllers = []
remember_owner = 0
stdio_handler = "file"
vnc_listen = "127.0.0.1"
`;

const libvirtdConf = `unix_sock_group = "root"
unix_sock_rw_perms = "0700"
auth_unix_rw = "none"
`;

export async function answers(lab: Place): Promise<boolean> {
  if (!existsSync(join(lab.system, "run", "libvirt", "libvirt-sock"))) return false;
  const { exitCode } = await virsh(lab, ["--quiet", "list"], { reject: false, timeout: 20_000 });
  return exitCode === 0;
}

/** Milliseconds after which a command is given up: a QEMU that hangs keeps libvirt, and whoever asks it, waiting. */
const PATIENCE = 5 * 60_000;

export function virsh(lab: Place, args: readonly string[], options: object = {}) {
  const how = { env: { LC_ALL: "C" }, timeout: PATIENCE, ...options };
  return execa("virsh", ["--connect", lab.libvirtUri, ...args], how);
}

/** Ends the lab's own libvirtd, which its pid file names. Guests go on without it. */
export async function endLibvirtd(lab: Place): Promise<void> {
  const pid = await libvirtdPid(lab);
  if (pid === undefined) return;
  process.kill(pid, "SIGTERM");
  await poll(
    () => libvirtdPid(lab),
    (left) => left === undefined,
    { within: 10, every: 0.1 },
  );
}

async function libvirtdPid(lab: Place): Promise<number | undefined> {
  try {
    const pid = Number(await readFile(join(lab.system, "run", "libvirtd.pid"), "utf8"));
    // After a reboot of the machine, the number may belong to another process.
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
    return command.startsWith("libvirtd\0") ? pid : undefined;
  } catch {
    return undefined;
  }
}
