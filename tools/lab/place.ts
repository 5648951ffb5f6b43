import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { root } from "../cache.js";

/**
 * The names and folders of one stack's lab. All of them follow from the stack and the checkout, so a lab that crashed
 * half-made is found again.
 */
export interface Place {
  readonly stack: string;
  /** The lab's name, unique on this machine: two checkouts may each have a lab of the same stack. */
  readonly id: string;
  /** The network namespace of the lab's bridges, guests and libvirtd, of Pulumi and of the first client. */
  readonly namespace: string;
  /** The folder in the checkout, which git ignores: keys, ssh_config, known_hosts, lab.json. */
  readonly folder: string;
  /** The folder that qemu's own user must reach, outside any home: libvirt's folders, disks, console logs. */
  readonly system: string;
  /** libvirt's connection URI. It works from any namespace. */
  readonly libvirtUri: string;
  /** The folder of the guests' console logs, `<vm>.log`. */
  readonly consoles: string;
  /** The storage pool's folder. */
  readonly pool: string;
}

/** The folder of all labs' disks. `PULUMI_LVS_LABS` names another one. */
export const labsFolder = resolve(process.env.PULUMI_LVS_LABS || "/var/lib/pulumi-lvs");

const checkout = createHash("sha256").update(root).digest("hex").slice(0, 6);

/** The prefix of all names that this checkout's labs have on this machine. */
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

/** Whether a stack's lab has been brought up from this checkout. The lab may need a repair: see labUp. */
export function labExists(stack: string): boolean {
  return existsSync(join(place(stack).folder, "lab.json"));
}

/** The namespace of the nth client host, from 1. */
export function clientNamespace(lab: Place, n: number): string {
  return `${lab.id}.client${n}`;
}

/** The namespaces of this machine, of whatever lab. `ip netns` keeps them as files of one folder. */
export function namespaces(): Promise<string[]> {
  return readdir("/run/netns").catch(() => []);
}
