import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { execa } from "execa";
import { cached, root } from "./cache.js";
import { debianSources, download } from "./lab/apt.js";
import { ensurePrograms, type Programs } from "./machine.js";
import { phase } from "./progress.js";

/**
 * The kernels, and the releases of Debian that each and the files of its hosts are of. So every release's tools and daemons are
 * seen, Debian 12's and Debian 13's. The newest kernel (Linux 7) needs half the time of 6.12 for the same tests,
 * because its processes are not traced. It has no packet filter for IP. That of 6.12 is iptables-legacy's.
 */
const KERNELS = {
  newest: { kernel: "forky", files: "trixie" },
  filtering: { kernel: "trixie", files: "bookworm" },
};

/** The release of the hosts on which an exporter runs. */
export const EXPORTING = KERNELS.newest.files;

/** The programs that unpack the kernel and make its hosts' files. */
export const KERNEL_PROGRAMS: Programs = {
  mmdebstrap: "mmdebstrap",
  mke2fs: "e2fsprogs",
  tcc: "tcc",
  ip: "iproute2",
  "ssh-keygen": "openssh-client",
};

/** A library that lets the kernel run on CPUs that are newer than the kernel. */
const shim = join(root, "tools", "kernel", "xstate.c");

/** The packages that a host of the tests has from the beginning. */
const packages = [
  ...["openssh-server", "iproute2", "iputils-arping", "iputils-ping", "procps", "kmod", "iptables", "curl"],
  ...["ipvsadm", "ldirectord", "nginx-light", "nftables", "conntrack", "keepalived", "bird2"],
];

/**
 * Makes sure that kernels with IPVS can be started here as ordinary processes (User Mode Linux). Returns the folder
 * with `newest` and `filtering`. Each has `linux.uml`, which starts the kernel, and `root`, the files of its hosts. The folder is
 * unpacked from Debian's packages once a machine.
 */
export async function ensureKernel(): Promise<string> {
  await ensurePrograms("real kernels for tests", KERNEL_PROGRAMS);
  const builder = [build, makeFiles, unpackKernel, download].join("") + FIRST_PROCESS + START;
  const key = { kernels: KERNELS, packages, builder, shim: await readFile(shim, "utf8") };
  return cached("kernel", key, (making) => phase("unpacking kernels with IPVS for tests", () => build(making)));
}

/** The other scripts are mounted from the tests' own folder. So a change of them needs no other root. */
const FIRST_PROCESS = `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mkdir /run/scripts
# The new way to mount knows no path as an option.
LIBMOUNT_FORCE_MOUNT2=always mount -t hostfs -o "$LVS_SCRIPTS" none /run/scripts
exec sh /run/scripts/init
`;

/**
 * A kernel needs a newer C library than that of Debian 12. The library lies in the kernel's folder, and the path of its
 * loader is relative to that folder.
 */
const START = `#!/bin/sh
cd "\${0%/*}" && LD_LIBRARY_PATH=. exec ./linux "$@"
`;

const LOADER = "/lib64/ld-linux-x86-64.so.2";

async function build(folder: string): Promise<void> {
  for (const [name, { kernel, files }] of Object.entries(KERNELS)) {
    const place = join(folder, name);
    await mkdir(place);
    await makeFiles(join(place, "root"), files);
    await unpackKernel(place, kernel);
  }
}

async function makeFiles(root: string, suite: string): Promise<void> {
  const sources = await debianSources(suite);
  const without = ["doc", "man", "locale"].map((part) => `--dpkgopt=path-exclude=/usr/share/${part}/*`);
  const options = ["--mode=root", "--variant=minbase", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", ...without];
  await execa("mmdebstrap", [...options, `--include=${packages.join(",")}`, suite, root, "-"], {
    input: `${sources.join("\n")}\n`,
    env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
  });
  for (const tables of ["iptables", "ip6tables"])
    await execa("chroot", [root, "update-alternatives", "--quiet", "--set", tables, `/usr/sbin/${tables}-legacy`]);
  // The kernels have none of nftables' families. The program nft would fail, and iptables remains.
  await rm(join(root, "usr/sbin/nft"));
  await writeFile(join(root, "first"), FIRST_PROCESS);
  await chmod(join(root, "first"), 0o755);
}

/** Unpacks a kernel beside the files of its hosts, and its modules into them. */
async function unpackKernel(folder: string, suite: string): Promise<void> {
  const unpacked = join(folder, "unpacked");
  for (const file of await download(unpacked, await debianSources(suite), ["user-mode-linux", "libc6"]))
    await execa("dpkg-deb", ["--extract", file, unpacked]);
  await cp(join(unpacked, "usr/lib/uml/modules"), join(folder, "root/usr/lib/modules"), { recursive: true });
  const loader = basename(LOADER);
  for (const library of [loader, "libc.so.6"])
    await cp(join(unpacked, "usr/lib/x86_64-linux-gnu", library), join(folder, library));
  const kernel = await readFile(join(unpacked, "usr/bin/linux.uml"), "latin1");
  const program = kernel.replace(`${LOADER}\0`, `${loader}\0`.padEnd(LOADER.length + 1, "\0"));
  await writeFile(join(folder, "linux"), program, { encoding: "latin1", mode: 0o755 });
  await writeFile(join(folder, "linux.uml"), START, { mode: 0o755 });
  // This fails if the kernel lacks something on this machine.
  await execa(join(folder, "linux.uml"), ["--version"]);
  await execa("tcc", ["-shared", "-nostdlib", "-o", join(folder, "xstate.so"), shim]);
  await rm(unpacked, { recursive: true });
}
