import { readlinkSync } from "node:fs";
import { execa } from "execa";
import { ensurePrograms } from "./machine.js";

/** A command, as execa takes it. */
export interface Started {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What the hosts and their tests run, and the Debian package that has it. */
const PROGRAMS = {
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

/**
 * The same command in network and mount namespaces of its own: hosts that it makes are plugged into nothing of this machine,
 * and everything goes with it.
 */
export function inOwnNetwork(command: string, args: readonly string[]): Started {
  const separate = ["--net", "--mount", "--fork", "--kill-child", "--"];
  const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
  return {
    command: "unshare",
    args: [...separate, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", command, ...args],
    env: { PATH, LVS_MACHINE_NETWORK: readlinkSync("/proc/self/ns/net") },
  };
}

/** Why hosts cannot be made of namespaces here; undefined when they can. Installs what is missing. */
export async function whyNoOwnNetwork(): Promise<string | undefined> {
  if (process.platform !== "linux") return `needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "network namespaces need root: run it as root (sudo)";
  await ensurePrograms("hosts as network namespaces", PROGRAMS);
  const probe = await execa("unshare", ["--net", "--mount", "ip", "link", "add", "probe", "type", "bridge"], {
    reject: false,
  });
  return probe.exitCode === 0 ? undefined : `network namespaces cannot be made here: ${probe.stderr.trim()}`;
}
