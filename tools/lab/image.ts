import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cached, root } from "../cache.js";
import { makeDebianFiles } from "../debian-files.js";
import { phase } from "../progress.js";

/** The guest image, ready for direct kernel boot. */
export interface Image {
  readonly folder: string;
  readonly debian: Debian;
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly cmdline: Record<string, string>;
  /** The image's package database, against which the guests' later packages are resolved. */
  readonly status: string;
  /** A static busybox, whose httpd serves the packages. */
  readonly busybox: string;
}

const scripts = join(root, "tools", "lab", "image");

/** This leaves room for what the product installs. The file is sparse. */
const diskSize = "3G";

/**
 * For an emulated guest: the kernel looks for no hardware that the guest lacks, and works around no fault of a CPU that
 * the guest does not have.
 */
const cmdline: Record<string, string> = {
  root: "/dev/vda",
  console: "ttyS0",
  "net.ifnames": "0",
  mitigations: "off",
  loglevel: "4",
  audit: "0",
  apparmor: "0",
  "random.trust_cpu": "on",
  panic: "10",
};

/** The releases of Debian that guests can have. */
export const DEBIANS = [12, 13] as const;

export type Debian = (typeof DEBIANS)[number];

/** Reads the number after `--debian`. */
export function debianNumber(text: string): Debian {
  const found = DEBIANS.find((debian) => String(debian) === text);
  if (!found) throw new Error(`--debian "${text}": the lab's machines have Debian ${DEBIANS.join(" or ")}`);
  return found;
}

export interface PackageLists {
  /** The release's name, as packages' sources have it. */
  readonly suite: string;
  readonly inImage: readonly string[];
  readonly inRepository: readonly string[];
}

export async function packageLists(debian: Debian): Promise<PackageLists> {
  const lists = JSON.parse(await readFile(join(scripts, "packages.json"), "utf8"));
  const { suite, postgresql } = lists.releases[debian];
  const inRepository = [...lists.inRepository, `postgresql-${postgresql}`].sort();
  return { suite, inImage: lists.inImage, inRepository };
}

export async function ensureImage(debian: Debian): Promise<Image> {
  const lists = await packageLists(debian);
  const key = {
    ...lists,
    diskSize,
    builder: [build, makeDebianFiles, makeInitrd].join(""),
    scripts: await scriptsHash(),
  };
  const folder = await cached("image", key, (making) =>
    phase(`building the guest image, Debian ${debian}`, () => build(making, lists)),
  );
  return {
    folder,
    debian,
    disk: join(folder, "disk.qcow2"),
    kernel: join(folder, "vmlinuz"),
    initrd: join(folder, "initrd"),
    status: join(folder, "dpkg-status"),
    busybox: join(folder, "busybox"),
    cmdline,
  };
}

async function scriptsHash(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(scripts)).sort())
    if (name !== "packages.json") hash.update(name).update(await readFile(join(scripts, name)));
  return hash.digest("hex");
}

async function build(folder: string, { suite, inImage, inRepository }: PackageLists): Promise<void> {
  const guest = join(folder, "root");
  await makeDebianFiles(guest, {
    suite,
    packages: inImage,
    hooks: [`${join(scripts, "libraries")} "$1" ${inRepository.join(" ")}`, `${join(scripts, "customize")} "$1"`],
    // The kernel package's hook obeys this. The lab has an initrd of its own, and the usual one takes ten seconds to make.
    env: { INITRD: "No" },
  });
  const boot = await readdir(join(guest, "boot"));
  const kernel = boot.find((name) => name.startsWith("vmlinuz-"));
  if (!kernel) throw new Error("lab: the guest image has no kernel in /boot");
  await rename(join(guest, "boot", kernel), join(folder, "vmlinuz"));
  for (const name of boot) if (name !== kernel) await rm(join(guest, "boot", name), { recursive: true });
  await copyFile(join(guest, "var/lib/dpkg/status"), join(folder, "dpkg-status"));
  await copyFile(join(guest, "bin/busybox"), join(folder, "busybox"));
  await makeInitrd(folder, guest, kernel.slice("vmlinuz-".length));
  await makeDisk(folder, guest);
  await rm(guest, { recursive: true });
  for (const file of ["vmlinuz", "initrd", "disk.qcow2"]) await chmod(join(folder, file), 0o644);
  // mkdtemp makes the folder with mode 0700, and qemu runs as a user of its own.
  await chmod(folder, 0o755);
}

/** The initrd is not compressed: an emulated CPU takes longer to unpack than to read. */
async function makeInitrd(folder: string, guest: string, version: string): Promise<void> {
  const made = join(folder, "initrd.d");
  for (const part of ["bin", "dev", "proc", "root", "modules"]) await mkdir(join(made, part), { recursive: true });
  await copyFile(join(scripts, "init"), join(made, "init"));
  await copyFile(join(folder, "busybox"), join(made, "bin/busybox"));
  await chmod(join(made, "init"), 0o755);
  const order: string[] = [];
  for (const module of ["virtio_pci", "virtio_blk", "virtio_net", "isofs"]) {
    const { stdout } = await execa("chroot", [guest, "modprobe", "-S", version, "--show-depends", module]);
    for (const [, path] of stdout.matchAll(/^insmod (\S+)/gm)) {
      const name = path?.split("/").at(-1);
      if (!path || !name || order.includes(name)) continue;
      order.push(name);
      await copyFile(join(guest, path), join(made, "modules", name));
    }
  }
  await writeFile(join(made, "modules/order"), `${order.join("\n")}\n`);
  await execa({ shell: true, cwd: made })`find . | cpio --quiet --create --format=newc --owner=0:0 > ../initrd`;
  await rm(made, { recursive: true });
}

/**
 * The file system has no journal checksums and no lazy initialisation, because both cost the emulated CPU time on every
 * boot.
 */
async function makeDisk(folder: string, guest: string): Promise<void> {
  const raw = join(folder, "disk.raw");
  await execa("mke2fs", [
    ...["-q", "-t", "ext4", "-d", guest, "-m", "0", "-N", "131072", "-J", "size=16"],
    ...["-O", "^metadata_csum,^64bit", "-E", "lazy_itable_init=0,lazy_journal_init=0", raw, diskSize],
  ]);
  await execa("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", raw, join(folder, "disk.qcow2")]);
  await rm(raw);
}
