import { chmod, cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { execa } from "execa";
import { cached } from "../cache.js";
import { makeDebianFiles } from "../debian-files.js";
import { ensurePrograms, type Programs } from "../machine.js";
import { phase } from "../progress.js";
import { COMPILING_PROGRAMS, compiledKernel } from "./compile.js";

/**
 * The releases of Debian that the files of the tests' hosts are of, so that the tools and daemons of each are seen. Where the
 * packet filter is iptables' own, hosts have no nft. Elsewhere they have what a new Debian has: nft, and iptables over it.
 */
const HOSTS = { bookworm: { filter: "iptables-legacy" }, trixie: { filter: "nft" } } as const;

type Release = keyof typeof HOSTS;

/** The release of the hosts on which an exporter runs. */
export const EXPORTING: Release = "trixie";

/** The programs that compile the kernel and make its hosts' files. */
export const KERNEL_PROGRAMS: Programs = {
  ...COMPILING_PROGRAMS,
  mmdebstrap: "mmdebstrap",
  mke2fs: "e2fsprogs",
  ip: "iproute2",
  "ssh-keygen": "openssh-client",
};

/** The packages that a host of the tests has from the beginning. */
const packages = [
  ...["openssh-server", "iproute2", "iputils-arping", "iputils-ping", "procps", "kmod", "iptables", "curl"],
  ...["ipvsadm", "ldirectord", "nginx-light", "nftables", "conntrack", "keepalived", "bird2"],
];

/**
 * Makes sure that kernels with IPVS can be started here as ordinary processes (User Mode Linux). Returns the folder with
 * `linux`, which starts a kernel, and with the files of its hosts, a folder for each release of Debian. All of it is made once a
 * machine.
 */
export function ensureKernel(): Promise<string> {
  ensured ??= ensure();
  return ensured;
}

/** Several parts of a run ask for it, perhaps at the same time. */
let ensured: Promise<string> | undefined;

async function ensure(): Promise<string> {
  await ensurePrograms("real kernels for tests", KERNEL_PROGRAMS);
  const kernel = await compiledKernel();
  const builder = [build, makeFiles, makeDebianFiles, addModules].join("") + FIRST_PROCESS;
  const key = { kernel: basename(kernel), HOSTS, packages, builder };
  return cached("kernel-hosts", key, (making) =>
    phase("making the files of hosts for tests", () => build(making, kernel)),
  );
}

/** The other scripts are mounted from the tests' own folder. So a change of them needs no other files. */
const FIRST_PROCESS = `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mkdir /run/scripts
# The new way to mount knows no path as an option.
LIBMOUNT_FORCE_MOUNT2=always mount -t hostfs -o "$LVS_SCRIPTS" none /run/scripts
exec sh /run/scripts/init
`;

async function build(folder: string, kernel: string): Promise<void> {
  await cp(join(kernel, "linux"), join(folder, "linux"));
  // This fails if the kernel cannot run on this machine.
  await execa(join(folder, "linux"), ["--version"]);
  for (const release of Object.keys(HOSTS) as Release[]) {
    await mkdir(join(folder, release));
    await makeFiles(join(folder, release), release);
    await addModules(join(folder, release), join(kernel, "modules"));
  }
}

async function makeFiles(root: string, release: Release): Promise<void> {
  await makeDebianFiles(root, { suite: release, packages });
  if (HOSTS[release].filter === "iptables-legacy") {
    for (const tables of ["iptables", "ip6tables"])
      await execa("chroot", [root, "update-alternatives", "--quiet", "--set", tables, `/usr/sbin/${tables}-legacy`]);
    await rm(join(root, "usr/sbin/nft"));
  }
  await writeFile(join(root, "first"), FIRST_PROCESS);
  await chmod(join(root, "first"), 0o755);
}

async function addModules(root: string, modules: string): Promise<void> {
  await cp(modules, join(root, "usr/lib/modules"), { recursive: true });
  for (const version of await readdir(modules)) await execa("chroot", [root, "depmod", version]);
}
