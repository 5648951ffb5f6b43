import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { phase } from "../progress.js";

/** What the embedded lab runs, and the Debian package that has it. */
const tools: Record<string, string> = {
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

/** Makes sure that the lab can run here, installing what is missing. */
export async function ensureLabTools(): Promise<void> {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error(
      `lab: the embedded lab needs Linux on x86-64, this is ${process.platform} on ${process.arch}. Use real hosts, or a libvirt elsewhere by its URI`,
    );
  if (process.getuid?.() !== 0)
    throw new Error(
      "lab: network namespaces and a private libvirtd need root. Run it as root (sudo), or use real hosts, or your own libvirt by its URI",
    );
  const missing = await missingPackages();
  if (missing.length > 0) await install(missing);
  const still = await missingPackages();
  if (still.length > 0) throw new Error(`lab: still missing after installing them: ${still.join(", ")}`);
}

async function missingPackages(): Promise<string[]> {
  const absent = new Set<string>();
  for (const [tool, owner] of Object.entries(tools)) if (!(await onPath(tool))) absent.add(owner);
  return [...absent].sort();
}

async function onPath(tool: string): Promise<boolean> {
  for (const folder of path()) {
    try {
      await access(join(folder, tool));
      return true;
    } catch {}
  }
  return false;
}

/** A root shell opened by `su` has no sbin in its PATH. */
function path(): string[] {
  return [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
}

async function install(packages: string[]): Promise<void> {
  if (!(await onPath("apt-get")))
    throw new Error(`lab: missing on this machine, and there is no apt-get to install it: ${packages.join(", ")}`);
  await phase(`installing ${packages.join(", ")}`, async () => {
    const env = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
    try {
      await execa("apt-get", ["update", "--quiet"], { env });
      await execa("apt-get", ["install", "--yes", "--quiet", "--no-install-recommends", ...packages], { env });
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new Error(
        `lab: installing ${packages.join(", ")} failed; install them by hand and try again.\n${said.split("\n").slice(-15).join("\n")}`,
        { cause },
      );
    }
  });
}
