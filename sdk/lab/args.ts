import type * as pulumi from "@pulumi/pulumi";

/** The disk that machines start from, and how they boot. */
export interface LabImageArgs {
  /**
   * A qcow2 image: a path on the machine where Pulumi runs, or a URL. The image is uploaded to libvirt once. Every
   * machine gets an overlay of its own.
   * @example "/srv/images/debian-12-genericcloud-amd64.qcow2"
   */
  source: string;
  /**
   * A kernel for direct kernel boot, as a path on libvirt's host.
   * @default none: the image's own boot loader
   * @example "/srv/images/vmlinuz"
   */
  kernel?: string;
  /**
   * The kernel's initrd, as a path on libvirt's host.
   * @default none
   */
  initrd?: string;
  /**
   * Kernel arguments, for direct kernel boot.
   * @default none
   * @example { root: "/dev/vda", console: "ttyS0", "net.ifnames": "0" }
   */
  cmdline?: Record<string, string>;
}

/** A network that machines are attached to: a bridge that exists, or one that libvirt makes. */
export type LabNetworkArgs = (LabBridgeArgs | LabLibvirtNetworkArgs) & {
  /**
   * The default gateway of machines whose first interface is on this network.
   * @default none for a bridge; for a network of libvirt's own, the first address of its range, where libvirt sits
   */
  gateway?: string;
  /**
   * Lines of /etc/apt/sources.list for machines whose first interface is on this network.
   * @default the image's own sources
   * @example "deb [trusted=yes] http://172.17.111.1:8642 ./"
   */
  aptSources?: string;
  /**
   * Name servers of these machines.
   * @default none
   */
  nameservers?: string[];
};

/** A bridge that exists on libvirt's host. */
export interface LabBridgeArgs {
  /**
   * The bridge's name.
   * @example "br0"
   */
  bridge: string;
}

/** A network that libvirt makes, with a bridge of its own. */
export interface LabLibvirtNetworkArgs {
  /**
   * The network's range of IPv4 addresses, with a prefix of at most 30. libvirt's host has the first address.
   * @example "192.168.199.0/24"
   */
  range: string;
  /**
   * `"none"`: machines reach only one another and libvirt's host. `"nat"`: machines also reach the outside, behind the
   * host's address. `"route"`: machines reach the outside with their own addresses.
   * @default "nat"
   */
  mode?: "none" | "nat" | "route";
}

/** One network interface of a machine. */
export interface LabInterfaceArgs {
  /** A key of `LabArgs.networks`. */
  network: string;
  /**
   * The interface's static IPv4 address, with the prefix.
   * @example "172.17.111.117/24"
   */
  address: string;
  /**
   * The interface's name inside the machine.
   * @default "eth0", "eth1", … in order
   */
  name?: string;
  /**
   * The interface's MAC address.
   * @default derived from the names of stack, machine and network; of several interfaces on one network also from their
   * order
   * @example "52:54:00:12:34:56"
   */
  mac?: string;
}

/** One virtual machine. */
export interface LabMachineArgs {
  /** The machine's interfaces. The machine is managed at the address of the first one. */
  interfaces: LabInterfaceArgs[];
  /**
   * The default gateway.
   * @default the gateway of the first interface's network
   */
  gateway?: string;
  /**
   * Memory in MiB.
   * @default 512
   */
  memory?: number;
  /**
   * Virtual CPUs.
   * @default 1
   */
  cpus?: number;
  /**
   * The size of the machine's disk in GiB.
   * @default that of the image
   */
  disk?: number;
  /**
   * Another number makes the machine anew, with a fresh disk.
   * @default 1
   */
  generation?: number;
}

/** A key pair. */
export interface LabKeyPairArgs {
  /**
   * The public half, as in `/etc/ssh/ssh_host_*_key.pub`.
   * @example "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…"
   */
  publicKey: string;
  /**
   * A file with the private half, on the machine where Pulumi runs.
   * @default none: `privateKey` is given
   */
  privateKeyFile?: string;
  /**
   * The private half as text, in place of a file. Always kept as a secret.
   * @default none: `privateKeyFile` is read
   */
  privateKey?: pulumi.Input<string>;
}

/** All that a lab needs beside its machines. */
export interface LabSurroundingsArgs {
  /** The networks, by name. */
  networks: Record<string, LabNetworkArgs>;
  /** What all machines boot from. */
  image: LabImageArgs;
  /**
   * Where disks are kept: a folder on libvirt's host for a pool of this stack's own, or the name of a pool that exists.
   * qemu's own user must be able to reach the folder: it cannot be under a home.
   * @example { folder: "/var/lib/libvirt/images/nat" }
   * @default { pool: "default" }
   */
  storage?:
    | {
        /** A folder on libvirt's host. */
        folder: string;
      }
    | {
        /** The name of a pool that libvirt has. */
        pool: string;
      };
  /**
   * `"kvm"`: the processor's own virtualisation. `"qemu"`: emulation, which works everywhere and is some ten times
   * slower. libvirt may offer "kvm" where guests hang on KVM: then write "qemu".
   * @default configuration `pulumi-lvs:emulation`, otherwise "kvm"
   */
  emulation?: "kvm" | "qemu";
  /**
   * A folder on the machine where Pulumi runs. Seed disks (mode 0600) lie in the folder until they are uploaded.
   * @default "/tmp"
   */
  seeds?: string;
  /**
   * Each machine's SSH host key, by machine. The machine gets the key on its first boot, so the first connection can
   * verify it.
   */
  hostKeys: Record<string, LabKeyPairArgs>;
  /** The key that root and the ordinary user accept. Only the public half goes to the machines. */
  userKey: {
    /** The public half. */
    publicKey: string;
    /**
     * A file with the private half, on the machine where Pulumi runs. `Host` uses the file.
     * @default the keys that `Host` finds by itself
     */
    privateKeyFile?: string;
  };
  /**
   * An ordinary user, who may use sudo without a password.
   * @default "admin"
   */
  admin?: string;
  /**
   * A folder on libvirt's host for the machines' console logs, `<machine>.log`. qemu's user must be able to write to
   * the folder. Needs `xsltproc` where Pulumi runs. The machines then have no graphics, and emulated ones have no fast string
   * instructions (`erms`, `fsrm`), which take longer there.
   * @default no logs
   */
  consoles?: string;
}

/** The arguments of `Lab`. */
export interface LabArgs<Name extends string> extends LabSurroundingsArgs {
  /** The machines, by name. libvirt knows them as `<stack>-<name>`. */
  machines: Record<Name, LabMachineArgs>;
}
