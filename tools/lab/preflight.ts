import { ensurePrograms, type Programs } from "../machine.js";

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
}
