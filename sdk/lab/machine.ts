import type * as libvirt from "@pulumi/libvirt";

/** How to reach a machine, in the shape that `Host` takes: `new Host("rs1", lab.machines.rs1.host)`. */
export interface LabHost {
  /** The address of the machine's first interface. */
  readonly address: string;
  /** SSH's port: 22. */
  readonly port: number;
  /** The user to log in as: root. */
  readonly user: string;
  /** The file with the private half of `userKey`, if there is one. */
  readonly privateKeyFile?: string;
  /** The public half of the machine's host key. */
  readonly hostKey: string;
  /** Seconds to wait for the first boot: 60, or 300 for an emulated machine. */
  readonly ready: number;
  /** The virtual machine. What is on the host goes with the machine. */
  readonly vm: libvirt.Domain;
}

/** A machine of a `Lab`, with the resources that it is made of. */
export interface LabMachine {
  /** The name that the machine was declared with. */
  readonly name: string;
  /** The address at which the machine is managed, without the prefix. */
  readonly address: string;
  /** The machine's network interfaces, in the order in which they were declared. */
  readonly interfaces: readonly {
    /** The interface's name inside the machine. */
    readonly name: string;
    /** The interface's network: a key of `networks`. */
    readonly network: string;
    /** Its MAC address. */
    readonly mac: string;
    /** Its address, without the prefix. */
    readonly address: string;
  }[];
  /** How to reach the machine, as `Host` takes it. */
  readonly host: LabHost;
  /** libvirt's domain: the virtual machine itself. */
  readonly domain: libvirt.Domain;
  /** The machine's disk, an overlay of the image. */
  readonly disk: libvirt.Volume;
  /** The disk (NoCloud) that has the machine's addresses and keys for its first boot. */
  readonly seed: libvirt.Volume;
}
