import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import { parseNetwork } from "./address";
import { type Problem, refuse } from "./argument-error";
import { domainStylesheet } from "./lab/domain-xml";
import type { EmbeddedLab } from "./lab/embedded-lab";
import { macAddress, metaData, networkConfig, type Seed, userData } from "./lab/seed";

export type { EmbeddedLab, KeyPairFile } from "./lab/embedded-lab";

/** The disk that machines start from, and how they boot. */
export interface LabImageArgs {
  /**
   * A qcow2 image: a path on the machine where Pulumi runs, or a URL. It is uploaded to libvirt once; every machine gets an
   * overlay of its own.
   * @example "/srv/images/debian-12-genericcloud-amd64.qcow2"
   */
  source: string;
  /**
   * A kernel for direct kernel boot, as a path on libvirt's host.
   * @default none: the image's own boot loader
   */
  kernel?: string;
  /** The kernel's initrd, as a path on libvirt's host. */
  initrd?: string;
  /**
   * Kernel arguments, for direct kernel boot.
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
  /** @example "br0" */
  bridge: string;
}

/** A network that libvirt makes, with a bridge of its own. */
export interface LabLibvirtNetworkArgs {
  /**
   * Its range.
   * @example "192.168.199.0/24"
   */
  range: string;
  /**
   * `"none"`: machines reach only one another and libvirt's host; `"nat"`: the outside too, behind the host's address;
   * `"route"`: the outside, with their own addresses.
   * @default "nat"
   */
  mode?: "none" | "nat" | "route";
}

/** One network interface of a machine. */
export interface LabInterfaceArgs {
  /** A key of `LabArgs.networks`. */
  network: string;
  /**
   * Its static address, with the prefix.
   * @example "172.17.111.117/24"
   */
  address: string;
  /**
   * The interface's name inside the machine.
   * @default "eth0", "eth1", … in order
   */
  name?: string;
  /**
   * @default derived from the names of stack, machine and network
   * @example "52:54:00:12:34:56"
   */
  mac?: string;
}

/** One virtual machine. */
export interface LabMachineArgs {
  /** Its interfaces; it is managed at the address of the first one. */
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
   * The size of its disk in GiB.
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
  /** @example "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…" */
  publicKey: string;
  /** A file with the private half, on the machine where Pulumi runs. */
  privateKeyFile?: string;
  /** The private half as text, in place of a file. Always kept as a secret. */
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
   * The folder must be one that qemu's own user can reach: not under a home.
   * @example { folder: "/var/lib/libvirt/images/nat" }
   * @default { pool: "default" }
   */
  storage?: { folder: string } | { pool: string };
  /**
   * `"kvm"`: the processor's own virtualisation; `"qemu"`: emulation, which works everywhere and is some ten times slower.
   * libvirt may offer "kvm" where guests hang on it: then say "qemu".
   * @default configuration `pulumi-lvs:emulation`, otherwise "kvm"
   */
  emulation?: "kvm" | "qemu";
  /** Each machine's SSH host key, by machine. It is given to it on its first boot, so it is verified from the first connection. */
  hostKeys: Record<string, LabKeyPairArgs>;
  /** The key that root and the ordinary user accept. Only its public half goes to the machines. */
  userKey: { publicKey: string; privateKeyFile?: string };
  /**
   * An ordinary user, who may use sudo without a password.
   * @default "admin"
   */
  admin?: string;
  /**
   * A folder on libvirt's host, writable for qemu's user, for the machines' console logs `<machine>.log`. Needs `xsltproc`
   * where Pulumi runs; the machines then have no graphics.
   * @default no logs
   */
  consoles?: string;
}

/** The arguments of `Lab`. */
export interface LabArgs<Name extends string> extends LabSurroundingsArgs {
  /** The machines, by name. libvirt knows them as `<stack>-<name>`. */
  machines: Record<Name, LabMachineArgs>;
}

/** How to reach a machine, in the shape that `Host` takes: `new Host("rs1", lab.machines.rs1.host)`. */
export interface LabHost {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly privateKeyFile?: string;
  /** The public half. */
  readonly hostKey: string;
  /** Seconds to wait for the first boot: 60, emulated 300. */
  readonly ready: number;
  /** The virtual machine: what is on the host goes with it. */
  readonly vm: libvirt.Domain;
}

/** A machine of a `Lab`, with the resources that it is made of. */
export interface LabMachine {
  readonly name: string;
  /** Where it is managed, without the prefix. */
  readonly address: string;
  readonly interfaces: readonly {
    readonly name: string;
    readonly network: string;
    readonly mac: string;
    readonly address: string;
  }[];
  readonly host: LabHost;
  readonly domain: libvirt.Domain;
  readonly disk: libvirt.Volume;
  readonly seed: libvirt.CloudinitDisk;
}

/** The lab that `npm run lab` made on this machine, as arguments for `Lab`. */
export function embedded(lab: EmbeddedLab): LabSurroundingsArgs {
  return {
    networks: lab.networks,
    image: lab.image,
    storage: { folder: lab.pool },
    emulation: lab.domainType,
    hostKeys: lab.hostKeys,
    userKey: lab.userKey,
    consoles: lab.consoles,
  };
}

/**
 * Virtual machines on any libvirt: the one of configuration `libvirt:uri`, or of the provider given by options. Each one is
 * an overlay of the image, a seed disk (NoCloud) with its addresses and keys, and a domain.
 *
 * @example
 * ```ts
 * const lab = new Lab("lab", {
 *   ...embedded(config.requireObject<EmbeddedLab>("lab")),
 *   machines: {
 *     director: {
 *       interfaces: [
 *         { network: "lan", address: "172.17.111.117/24" },
 *         { network: "hostonly", address: "192.168.199.145/24" },
 *       ],
 *     },
 *     rs1: { interfaces: [{ network: "hostonly", address: "192.168.199.146/24" }] },
 *   },
 * });
 * const rs1 = new Host("rs1", lab.machines.rs1.host);
 * ```
 */
export class Lab<Name extends string = string> extends pulumi.ComponentResource {
  /** The machines, by the names they were declared with. */
  readonly machines: Readonly<Record<Name, LabMachine>>;
  /** What libvirt was told of each network. */
  readonly networks: Readonly<Record<string, libvirt.Network>>;
  /** The image as libvirt has it: what all disks are overlays of. */
  readonly image: libvirt.Volume;
  /** The storage pool, if the lab made it. */
  readonly pool?: libvirt.Pool;

  constructor(name: string, args: LabArgs<Name>, options?: pulumi.ComponentResourceOptions) {
    super("lvs:index:Lab", name, {}, options);
    refuse(`Lab "${name}"`, problems(args));
    const stack = pulumi.getStack();
    // libvirt's names are fixed, so the old one must go before a new one of the same name can come.
    const child: pulumi.CustomResourceOptions = { parent: this, deleteBeforeReplace: true };

    if (args.storage && "folder" in args.storage)
      this.pool = new libvirt.Pool(name, { name: stack, type: "dir", target: { path: args.storage.folder } }, child);
    const pool = this.pool?.name ?? (args.storage && "pool" in args.storage ? args.storage.pool : "default");

    this.networks = Object.fromEntries(
      Object.entries(args.networks).map(([key, network]) => [
        key,
        new libvirt.Network(`${name}-${key}`, networkArgs(`${stack}-${key}`, network), child),
      ]),
    );
    const imageName = `${stack}-image-${createHash("sha256").update(args.image.source).digest("hex").slice(0, 8)}`;
    this.image = new libvirt.Volume(`${name}-image`, { name: imageName, pool, source: args.image.source }, child);

    const machines = Object.entries<LabMachineArgs>(args.machines);
    this.machines = Object.fromEntries(
      machines.map(([machine, wanted]) => [machine, this.machine(name, stack, machine, wanted, args, pool, child)]),
    ) as Record<Name, LabMachine>;
    this.registerOutputs();
  }

  private machine(
    name: string,
    stack: string,
    machine: string,
    wanted: LabMachineArgs,
    args: LabArgs<Name>,
    pool: pulumi.Input<string>,
    child: pulumi.CustomResourceOptions,
  ): LabMachine {
    const domainName = `${stack}-${machine}`;
    const generation = wanted.generation ?? 1;
    const interfaces = interfacesOf(stack, machine, wanted);
    const disk = new libvirt.Volume(
      `${name}-${machine}-disk`,
      {
        name: `${domainName}-${generation}.qcow2`,
        pool,
        baseVolumeId: this.image.id,
        format: "qcow2",
        ...(wanted.disk && { size: wanted.disk * 2 ** 30 }),
      },
      child,
    );
    const seeded = seedOf(stack, machine, wanted, args, interfaces);
    const seed = new libvirt.CloudinitDisk(
      `${name}-${machine}-seed`,
      {
        name: `${domainName}-seed.iso`,
        pool,
        userData: pulumi
          .secret(privateKeyOf(args.hostKeys[machine]))
          .apply((privateKey) => userData(seeded(privateKey))),
        metaData: metaData(seeded("")),
        networkConfig: networkConfig(seeded("")),
      },
      { ...child, additionalSecretOutputs: ["userData"] },
    );
    const domain = new libvirt.Domain(
      `${name}-${machine}`,
      {
        ...domainArgs(args, wanted),
        name: domainName,
        // tools/lab reads the address from here for its ssh_config.
        description: `address=${bare(interfaces[0]?.address ?? "")}`,
        // The seed as a virtio disk, and not by `cloudinit`, which would be an IDE drive: Debian's cloud kernel has none.
        disks: [{ volumeId: disk.id }, { volumeId: seed.id.apply((id) => id.split(";")[0] ?? id) }],
        networkInterfaces: interfaces.map(({ network, mac }) => ({ networkId: this.networks[network]?.id, mac })),
        ...(args.consoles && { xml: { xslt: domainStylesheet(`${args.consoles}/${machine}.log`) } }),
      },
      child,
    );
    const address = bare(interfaces[0]?.address ?? "");
    return {
      name: machine,
      address,
      interfaces: interfaces.map((one) => ({ ...one, address: bare(one.address) })),
      host: {
        address,
        port: 22,
        user: "root",
        ...(args.userKey.privateKeyFile && { privateKeyFile: args.userKey.privateKeyFile }),
        hostKey: args.hostKeys[machine]?.publicKey ?? "",
        ready: emulation(args) === "qemu" ? 300 : 60,
        vm: domain,
      },
      domain,
      disk,
      seed,
    };
  }
}

interface Interface {
  readonly name: string;
  readonly network: string;
  readonly mac: string;
  readonly address: string;
}

function interfacesOf(stack: string, machine: string, { interfaces }: LabMachineArgs): Interface[] {
  return interfaces.map(({ name, network, mac, address }, index) => ({
    name: name ?? `eth${index}`,
    network,
    mac: mac ?? macAddress(stack, machine, network),
    address,
  }));
}

/** The seed, once the private half of the host key is known. */
function seedOf(
  stack: string,
  machine: string,
  wanted: LabMachineArgs,
  args: LabSurroundingsArgs,
  interfaces: readonly Interface[],
): (privateKey: string) => Seed {
  const network = args.networks[interfaces[0]?.network ?? ""];
  const gateway = wanted.gateway ?? gatewayOf(network);
  return (privateKey) => ({
    instance: `${stack}-${machine}-${wanted.generation ?? 1}`,
    hostname: machine,
    interfaces: interfaces.map((one, index) => (index === 0 && gateway ? { ...one, gateway } : one)),
    nameservers: network?.nameservers ?? [],
    authorizedKeys: [args.userKey.publicKey],
    admin: args.admin ?? "admin",
    hostKey: { privateKey, publicKey: args.hostKeys[machine]?.publicKey ?? "" },
    ...(network?.aptSources && { aptSources: network.aptSources }),
  });
}

function domainArgs(args: LabSurroundingsArgs, wanted: LabMachineArgs): libvirt.DomainArgs {
  const { kernel, initrd, cmdline } = args.image;
  return {
    type: emulation(args),
    memory: wanted.memory ?? 512,
    vcpu: wanted.cpus ?? 1,
    // All that the accelerator offers: libvirt's default is a CPU of 2006, which some distributions no longer boot on.
    cpu: { mode: "maximum" },
    graphics: { type: "vnc", listenType: "address" },
    consoles: [{ type: "pty", targetPort: "0", targetType: "serial" }],
    ...(kernel && { kernel }),
    ...(initrd && { initrd }),
    ...(kernel && cmdline && { cmdlines: [cmdline] }),
  };
}

function emulation({ emulation }: LabSurroundingsArgs): "kvm" | "qemu" {
  return (
    emulation ??
    new pulumi.Config("pulumi-lvs").get<"kvm" | "qemu">("emulation", { allowedValues: ["kvm", "qemu"] }) ??
    "kvm"
  );
}

function networkArgs(name: string, network: LabNetworkArgs): libvirt.NetworkArgs {
  if ("bridge" in network) return { name, mode: "bridge", bridge: network.bridge, autostart: true };
  // Addresses are static, so libvirt's dnsmasq has nothing to give.
  const noServices = { dhcp: { enabled: false }, dns: { enabled: false } };
  return { name, mode: network.mode ?? "nat", addresses: [network.range], autostart: true, ...noServices };
}

function gatewayOf(network: LabNetworkArgs | undefined): string | undefined {
  if (!network || network.gateway || !("range" in network)) return network?.gateway;
  const [base] = parseNetwork(network.range) ?? [];
  const octets = base?.toByteArray() ?? [];
  return [...octets.slice(0, -1), (octets.at(-1) ?? 0) + 1].join(".");
}

function privateKeyOf(pair: LabKeyPairArgs | undefined): pulumi.Input<string> {
  if (pair?.privateKey) return pair.privateKey;
  return pair?.privateKeyFile ? readFileSync(pair.privateKeyFile, "utf8") : "";
}

function bare(address: string): string {
  return address.split("/")[0] ?? address;
}

function problems(args: LabArgs<string>): Problem[] {
  const found: Problem[] = [];
  for (const [machine, { interfaces }] of Object.entries(args.machines)) {
    const at = `machines.${machine}`;
    if (!/^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$/i.test(machine))
      found.push({ property: at, reason: "the name becomes a hostname: use letters, digits and -" });
    const key = args.hostKeys[machine];
    if (!key)
      found.push({
        property: `hostKeys.${machine}`,
        reason: "missing: every machine needs a host key to be recognised by",
      });
    else if (!key.privateKey && !key.privateKeyFile)
      found.push({
        property: `hostKeys.${machine}`,
        reason: "give privateKeyFile or privateKey: the machine gets it on its first boot",
      });
    if (interfaces.length === 0)
      found.push({ property: `${at}.interfaces`, reason: "empty: the machine could not be reached" });
    interfaces.forEach(({ network, address }, index) => {
      if (!args.networks[network])
        found.push({
          property: `${at}.interfaces[${index}].network`,
          reason: `"${network}" is not among networks: ${Object.keys(args.networks).join(", ")}`,
        });
      if (!address.includes("/") || !parseNetwork(address))
        found.push({
          property: `${at}.interfaces[${index}].address`,
          reason: `"${address}" is no address with a prefix; write for instance 192.168.199.146/24`,
        });
    });
  }
  return found;
}
