import { readlinkSync } from "node:fs";
import { execa } from "execa";
import { ensurePrograms, type Programs } from "./machine.js";
import { ENDS_WITH_PARENT, OWN_PROCESSES } from "./own-processes.js";

/** A command, as execa takes it. */
export interface Started {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The programs that the hosts and their tests run. */
export const NETWORK_PROGRAMS: Programs = {
  unshare: "util-linux",
  setpriv: "util-linux",
  sshd: "openssh-server",
  "ssh-keygen": "openssh-client",
  ip: "iproute2",
  nft: "nftables",
  iptables: "iptables",
  sysctl: "procps",
  curl: "curl",
  arping: "iputils-arping",
  dnf: "dnf",
  rpmbuild: "rpm",
  createrepo_c: "createrepo-c",
  pg_ctlcluster: "postgresql",
};

const SEPARATE = ["--net", ...OWN_PROCESSES, "--"];

/**
 * The first process of the namespaces. The kernel ends every other process there when the first process ends. So the
 * first process is only this shell, which ends with the command or on a signal. /run, the temporary folder (TMPDIR) and
 * /dev/shm, where a killed PostgreSQL leaves its shared memory, belong to the namespaces alone.
 */
const FIRST_PROCESS = `trap 'exit 130' INT
trap 'exit 143' TERM
mount -t tmpfs -o mode=755 tmpfs /run && mkdir -m 1777 /run/tmp && mount -t tmpfs -o mode=1777 tmpfs /dev/shm || exit
ip link set lo up || exit
"$@" &
wait $!`;

/**
 * Returns the same command in network, mount and process namespaces of its own. The hosts that the command makes have
 * no connection to the networks of this machine. All of them end with the command. The command ends with this process,
 * however this process ends.
 */
export function inOwnNetwork(command: string, args: readonly string[]): Started {
  // The clock is the machine's, also in namespaces: nobody there may set it.
  const noClock = ["--bounding-set", "-sys_time"];
  return {
    command: "setpriv",
    args: [...ENDS_WITH_PARENT, ...noClock, "unshare", ...SEPARATE, "sh", "-c", FIRST_PROCESS, "sh", command, ...args],
    env: {
      PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
      TMPDIR: "/run/tmp",
      LVS_MACHINE_NETWORK: readlinkSync("/proc/self/ns/net"),
    },
  };
}

/** Says why hosts cannot be made of namespaces on this machine; undefined where they can. Installs missing programs. */
export async function whyNoOwnNetwork(): Promise<string | undefined> {
  if (process.platform !== "linux") return `needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "network namespaces need root: run it as root (sudo)";
  await ensurePrograms("hosts as network namespaces", NETWORK_PROGRAMS);
  const probe = await execa("unshare", [...SEPARATE, "ip", "link", "add", "probe", "type", "bridge"], {
    reject: false,
  });
  return probe.exitCode === 0 ? undefined : `network namespaces cannot be made here: ${probe.stderr.trim()}`;
}
