import { createHash } from "node:crypto";
import { join } from "node:path";
import { root } from "../cache.js";

/** Where one stack's lab lives. Everything is derived, so a lab that crashed half-made is found again by its name. */
export interface Place {
  readonly stack: string;
  /** Unique on this machine: two checkouts may each have a lab of the same stack. */
  readonly id: string;
  /** The network namespace of its bridges, guests, libvirtd, of Pulumi and of the first client. */
  readonly namespace: string;
  /** In the checkout, ignored by git: keys, ssh_config, known_hosts, lab.json. */
  readonly folder: string;
  /** What qemu's own user must reach: libvirt's folders, disks, console logs. Outside any home. */
  readonly system: string;
  /** libvirt's connection URI; works from any namespace. */
  readonly libvirtUri: string;
  /** Where the console log of each guest is written, as `<vm>.log`. */
  readonly consoles: string;
  /** The storage pool's folder. */
  readonly pool: string;
}

/** Where labs keep their disks. `PULUMI_LVS_LABS` moves it. */
export const labsFolder = process.env.PULUMI_LVS_LABS ?? "/var/lib/pulumi-lvs";

const checkout = createHash("sha256").update(root).digest("hex").slice(0, 6);

/** The prefix of everything this checkout's labs have on this machine. */
export const prefix = `lvs-${checkout}-`;

export function place(stack: string): Place {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(stack))
    throw new Error(`lab: stack name "${stack}": use at most 40 letters, digits, - and _`);
  const id = `${prefix}${stack}`;
  const system = join(labsFolder, id);
  return {
    stack,
    id,
    namespace: id,
    folder: join(root, ".lab", stack),
    system,
    libvirtUri: `qemu:///system?socket=${join(system, "run", "libvirt", "libvirt-sock")}`,
    consoles: join(system, "console"),
    pool: join(system, "pool"),
  };
}

/** "nat/rs1" → stack and guest. */
export function guestPlace(target: string): { place: Place; guest: string } {
  const [stack, guest, ...rest] = target.split("/");
  if (!stack || !guest || rest.length > 0)
    throw new Error(`lab: "${target}": write <stack>/<vm>, for instance nat/director`);
  return { place: place(stack), guest };
}
