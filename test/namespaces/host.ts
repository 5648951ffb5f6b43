import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { keyPair } from "../key-pair";
import { command } from "./command";

/** The key that every host lets in. */
export const client = keyPair();

/**
 * The first process of a host. The process gives the host files of its own, waits for the network, starts sshd, and
 * ends when its standard input ends. The kernel then ends every other process of the namespace. So no host outlives the
 * tests.
 */
const FIRST_PROCESS = `set -e
mount -t tmpfs tmpfs /mnt
for folder in etc opt srv usr var; do
  [ -d /$folder ] || continue
  mkdir -p /mnt/$folder/found /mnt/$folder/changed /mnt/$folder/work
  mount --bind /$folder /mnt/$folder/found
  mount -t overlay overlay -o lowerdir=/$folder,upperdir=/mnt/$folder/changed,workdir=/mnt/$folder/work /$folder
done
for folder in home root run; do mount -t tmpfs -o mode=755 tmpfs /$folder; done
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t sysfs sysfs /sys
mkdir -p /run/sshd /run/lock /etc/ssh
hostname "$1"
echo "$1" >/etc/hostname
rm -rf /var/lib/lvs /etc/lvs /etc/machine-id /etc/nologin
echo "$2" >/etc/machine-id
sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow
umask 077
printf %s "$3" >/etc/ssh/test_host_key
umask 022
echo "$4" >/etc/ssh/test_authorized_keys
cat >/etc/ssh/test_config <<'END'
HostKey /etc/ssh/test_host_key
AuthorizedKeysFile /etc/ssh/test_authorized_keys
StrictModes no
UsePAM no
UseDNS no
PidFile /run/sshd.pid
END
for key in net.ipv4.ip_forward=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \\
  net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; do sysctl -qw $key; done
ip link set lo up
echo separate
read -r plugged
/usr/sbin/sshd -f /etc/ssh/test_config
echo listening
exec cat >/dev/null
`;

/** One host: a network namespace with its own sshd, machine-id, host key, processes, and private files. */
export class Host {
  readonly hostKey: string;
  private constructor(
    readonly name: string,
    readonly machine: string,
    key: { public: string },
    readonly process: ChildProcess,
    /** The id of the host's first process. */
    readonly pid: number,
  ) {
    this.hostKey = key.public;
  }

  static async boot(name: string, plug: (host: Host) => Promise<void>): Promise<Host> {
    const machine = randomBytes(16).toString("hex");
    const key = keyPair();
    const separate = ["--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const first = ["sh", "-c", FIRST_PROCESS, "sh", name, machine, key.private, client.public];
    const child = spawn("unshare", [...separate, "--", ...first], { stdio: ["pipe", "pipe", "pipe"] });
    try {
      await said(child, "separate");
      const pid = Number(await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8"));
      const host = new Host(name, machine, key, child, pid);
      await plug(host);
      child.stdin?.write("plugged\n");
      await said(child, "listening");
      return host;
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  /** Runs a script on the host by hand, that is, not through the product. */
  run(script: string, input = ""): Promise<string> {
    const enter = ["nsenter", "-t", String(this.pid), "--net", "--mount", "--uts", "--pid", "--"];
    return command([...enter, "sh", "-c", script], input);
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.stdin?.destroy();
    this.process.kill("SIGKILL");
    await ended;
  }
}

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let errors = "";
    const hear = (chunk: Buffer) => {
      if (chunk.toString().includes(word)) done(resolve);
    };
    const complain = (chunk: Buffer) => {
      errors += chunk;
    };
    const ended = () => done(() => reject(new Error(`the host did not get as far as "${word}": ${errors}`)));
    const done = (act: () => void) => {
      child.stdout?.off("data", hear);
      child.stderr?.off("data", complain);
      child.off("close", ended);
      act();
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", complain);
    child.on("close", ended);
  });
}
