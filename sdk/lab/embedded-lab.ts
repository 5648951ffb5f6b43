import type { LabSurroundingsArgs } from "./args";

/**
 * The lab that `npm run lab -- up <stack>` makes on this machine, as it is written into the stack's configuration
 * (`pulumi-lvs:lab`): everything a `Lab` needs beside the machines themselves.
 *
 * @example
 * ```ts
 * new Lab("lab", {
 *   ...embedded(config.requireObject<EmbeddedLab>("lab")),
 *   machines: { rs1: { interfaces: [{ network: "hostonly", address: "192.168.199.146/24" }] } },
 * });
 * ```
 */
export interface EmbeddedLab {
  /** "kvm" where a guest was seen running on KVM, otherwise "qemu" (emulation). */
  readonly domainType: "kvm" | "qemu";
  /** The guest image and what boots the image, as absolute paths. */
  readonly image: {
    /** The guest image, a qcow2 file. */
    readonly source: string;
    /** The kernel that guests boot. */
    readonly kernel: string;
    /** The kernel's initrd. */
    readonly initrd: string;
    /** Kernel arguments. */
    readonly cmdline: Record<string, string>;
  };
  /** The folder for the guests' disks. */
  readonly pool: string;
  /** The folder for the guests' console logs, `<machine>.log`. */
  readonly consoles: string;
  /** The folder, for root alone, where seed disks lie until they are uploaded. */
  readonly seeds: string;
  /** The networks, by name: `lan`, `hostonly`. */
  readonly networks: Record<
    string,
    {
      /** The bridge that guests are attached to. */
      readonly bridge: string;
      /** The bridge's own address, which is the guests' gateway. */
      readonly gateway: string;
      /** Lines of sources.list, from which guests on this network get their packages. */
      readonly aptSources: string;
    }
  >;
  /**
   * More addresses on "lan" of the namespace where Pulumi runs: `sources` for a `TrafficCheck` that needs several
   * clients. A lab of a former version has none: `npm run lab -- up <stack>` adds them.
   */
  readonly sources?: string[];
  /** The key pair that every guest accepts. */
  readonly userKey: KeyPairFile;
  /** Each machine's host key, which is made before the machine boots. */
  readonly hostKeys: Record<string, KeyPairFile>;
}

/** A key pair whose private half stays in a file. */
export interface KeyPairFile {
  /** The file with the private half. */
  readonly privateKeyFile: string;
  /** The public half: `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
}

/**
 * The lab that `npm run lab` made on this machine, as arguments for `Lab`.
 * @param lab what `npm run lab -- up` wrote into the stack's configuration
 * @returns all that a `Lab` needs beside its machines
 */
export function embedded(lab: EmbeddedLab): LabSurroundingsArgs {
  return {
    networks: lab.networks,
    image: lab.image,
    storage: { folder: lab.pool },
    emulation: lab.domainType,
    hostKeys: lab.hostKeys,
    userKey: lab.userKey,
    consoles: lab.consoles,
    seeds: lab.seeds,
  };
}
