import { dirname } from "node:path";
import { execa } from "execa";
import { cacheFolder } from "../cache.js";
import { makeEnterable } from "../folders.js";
import { ensurePrograms, type Programs } from "../machine.js";
import { labsFolder } from "./place.js";

/** The programs that the embedded lab runs. */
export const LAB_PROGRAMS: Programs = {
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
  libvirtd: "libvirt-daemon-system",
  virsh: "libvirt-clients",
  mmdebstrap: "mmdebstrap",
  "apt-ftparchive": "apt-utils",
  mke2fs: "e2fsprogs",
  cpio: "cpio",
  xsltproc: "xsltproc",
  ip: "iproute2",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  curl: "curl",
  arping: "iputils-arping",
};

/** The user that Debian's libvirt runs guests as. */
const QEMU_USER = "libvirt-qemu";

/** Makes sure that the lab can run here. Installs what is missing. */
export async function ensureLabTools(): Promise<void> {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error(
      `lab: the embedded lab needs Linux on x86-64, this is ${process.platform} on ${process.arch}. Use real hosts, or a libvirt elsewhere by its URI`,
    );
  if (process.getuid?.() !== 0)
    throw new Error(
      "lab: network namespaces and a private libvirtd need root. Run it as root (sudo), or use real hosts, or your own libvirt by its URI",
    );
  await ensurePrograms("lab", LAB_PROGRAMS);
  await ensureReachable("PULUMI_LVS_CACHE", cacheFolder);
  await ensureReachable("PULUMI_LVS_LABS", labsFolder);
}

/** Guests run as qemu's own user, who must get to their kernel and their disks. */
async function ensureReachable(variable: string, folder: string): Promise<void> {
  await makeEnterable(folder);
  const closed = await firstClosed(folder);
  if (closed === undefined) return;
  throw new Error(
    `lab: guests run as the user ${QEMU_USER}, who may not enter ${closed}, and needs what lies in ${folder}. ` +
      `Name a folder that everyone may enter, outside any home, by ${variable}, or open this one: chmod o+x ${closed}`,
  );
}

/** The highest folder on a path that qemu's own user may not enter. */
async function firstClosed(folder: string): Promise<string | undefined> {
  const path = [folder];
  while (dirname(path[0] as string) !== path[0]) path.unshift(dirname(path[0] as string));
  const script = 'for folder; do [ -x "$folder" ] || { echo "$folder"; exit; }; done';
  const { stdout } = await execa("runuser", ["-u", QEMU_USER, "--", "sh", "-c", script, "sh", ...path], { cwd: "/" });
  return stdout || undefined;
}
