import { existsSync } from "node:fs";
import { execa } from "execa";
import type { Image } from "./image.js";

/** libvirt's word for how a guest is run. */
export type DomainType = "kvm" | "qemu";

/**
 * Returns "kvm" only where a guest really runs on KVM. On some machines /dev/kvm exists, libvirt offers the type, and
 * guests hang. `PULUMI_LVS_EMULATION=kvm|qemu` decides without a test.
 */
export async function domainType(image: Image): Promise<DomainType> {
  const told = process.env.PULUMI_LVS_EMULATION;
  if (told === "kvm" || told === "qemu") return told;
  if (told) throw new Error(`lab: PULUMI_LVS_EMULATION is "${told}"; it must be kvm or qemu`);
  return existsSync("/dev/kvm") && (await kvmWorks(image)) ? "kvm" : "qemu";
}

/**
 * Starts the guest image's kernel as qemu's own user, as libvirt does. Returns whether the guest gets as far as to
 * power itself off.
 */
async function kvmWorks(image: Image): Promise<boolean> {
  const asQemu = ["-u", "libvirt-qemu", "--"];
  const may = await execa("runuser", [...asQemu, "test", "-w", "/dev/kvm"], { reject: false });
  if (may.exitCode !== 0) return false;
  const boots = await execa(
    "runuser",
    [
      ...[
        ...asQemu,
        "qemu-system-x86_64",
        "-accel",
        "kvm",
        "-cpu",
        "host",
        "-m",
        "256",
        "-nodefaults",
        "-display",
        "none",
      ],
      ...["-kernel", image.kernel, "-initrd", image.initrd, "-append", "lab.smoke panic=-1", "-no-reboot"],
    ],
    { reject: false, timeout: 15_000, forceKillAfterDelay: 1_000 },
  );
  return boots.exitCode === 0;
}
