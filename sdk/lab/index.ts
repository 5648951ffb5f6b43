/**
 * Virtual machines for a site, on any libvirt. This is an entry point of its own: users of real hosts need no libvirt.
 *
 * @module pulumi-lvs/lab
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments/argument-error";
import { declares } from "../arguments/declares";
import type { LabArgs, LabKeyPairArgs, LabLibvirtNetworkArgs, LabMachineArgs, LabSurroundingsArgs } from "./args";
import { domainStylesheet } from "./domain-xml";
import { bare, gatewayOf, type Interface, interfacesOf } from "./interfaces";
import type { LabMachine } from "./machine";
import { problems } from "./problems";
import { metaData, networkConfig, type Seed, userData } from "./seed";
import { removeSeedFile, seedFile } from "./seed-file";

export type * from "./args";
export { type EmbeddedLab, embedded, type KeyPairFile } from "./embedded-lab";
export type * from "./machine";

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
 *
 * A machine that libvirt defined and could not start is in libvirt and not in the state, and every later `up` fails with
 * "already exists": `virsh undefine STACK-MACHINE --nvram` takes it out.
 */
@declares
export class Lab<Name extends string = string> extends pulumi.ComponentResource {
  /** The machines, by the names they were declared with. */
  readonly machines: Readonly<Record<Name, LabMachine>>;
  /** The networks that libvirt made. Machines are attached to existing bridges directly. */
  readonly networks: Record<string, libvirt.Network>;
  /** The image as a volume of libvirt. All disks are overlays of it. */
  readonly image: libvirt.Volume;
  /** The storage pool, if the lab made it. */
  readonly pool?: libvirt.Pool;

  constructor(name: string, args: LabArgs<Name>, options?: pulumi.ComponentResourceOptions) {
    const stack = pulumi.getStack();
    // This comes first: nothing is registered of a lab that cannot exist.
    refuse(`Lab "${name}"`, problems(stack, args));
    super("lvs:index:Lab", name, {}, options);
    // libvirt's names are fixed, so the former resource must be deleted before one of the same name can be made.
    const child: pulumi.CustomResourceOptions = { parent: this, deleteBeforeReplace: true };

    if (args.storage && "folder" in args.storage)
      this.pool = new libvirt.Pool(name, { name: stack, type: "dir", target: { path: args.storage.folder } }, child);
    const pool = this.pool?.name ?? (args.storage && "pool" in args.storage ? args.storage.pool : "default");

    this.networks = {};
    for (const [key, network] of Object.entries(args.networks))
      if ("range" in network)
        this.networks[key] = new libvirt.Network(`${name}-${key}`, networkArgs(`${stack}-${key}`, network), child);
    const imageName = `${stack}-image-${createHash("sha256").update(args.image.source).digest("hex").slice(0, 8)}`;
    this.image = new libvirt.Volume(`${name}-image`, { name: imageName, pool, source: args.image.source }, child);

    const machines = Object.entries<LabMachineArgs>(args.machines);
    this.machines = Object.fromEntries(
      machines.map(([machine, wanted]) => [machine, this.machine({ name, stack, args, pool, child }, machine, wanted)]),
    ) as Record<Name, LabMachine>;
    this.registerOutputs();
  }

  private machine(place: Place<Name>, machine: string, wanted: LabMachineArgs): LabMachine {
    const { name, stack, args, child } = place;
    const interfaces = interfacesOf(stack, machine, wanted);
    const { disk, seed } = this.volumes(place, machine, wanted, interfaces);
    const domain = new libvirt.Domain(
      `${name}-${machine}`,
      {
        ...domainArgs(args, wanted),
        name: `${stack}-${machine}`,
        // tools/lab reads the address from here for its ssh_config.
        description: `address=${bare(interfaces[0]?.address ?? "")}`,
        // The seed is a virtio disk, and not a CD: Debian's cloud kernel has neither IDE nor AHCI.
        disks: [{ volumeId: disk.id }, { volumeId: seed.id }],
        networkInterfaces: interfaces.map((one) => this.attachment(one, args)),
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

  private volumes(
    { name, stack, args, pool, child }: Place<Name>,
    machine: string,
    wanted: LabMachineArgs,
    interfaces: Interface[],
  ): Pick<LabMachine, "disk" | "seed"> {
    const seeded = seedOf(stack, machine, wanted, args, interfaces);
    // With another seed the machine is another one, and gets a new disk, as in another generation. Only the public half
    // of the host key counts, so no name tells anything of the private half.
    const version = `${stack}-${machine}-${wanted.generation ?? 1}-${mark(seeded(""))}`;
    const disk = new libvirt.Volume(
      `${name}-${machine}-disk`,
      {
        name: `${version}.qcow2`,
        pool,
        baseVolumeId: this.image.id,
        format: "qcow2",
        ...(wanted.disk && { size: wanted.disk * 2 ** 30 }),
      },
      child,
    );
    // The seed is an uploaded volume, and not the provider's CloudinitDisk. That resource keeps all its content in the
    // state. It is read back by a download, which under load ends early or hangs: libvirtd may send data before its
    // reply, and go-libvirt expects data after the reply.
    const seed = new libvirt.Volume(
      `${name}-${machine}-seed`,
      {
        name: `${version}-seed.qcow2`,
        pool,
        source: pulumi
          .unsecret(pulumi.output(privateKeyOf(args.hostKeys[machine])))
          .apply((privateKey) => seedFile(args.seeds, `${version}-seed.qcow2`, seeded(privateKey))),
      },
      child,
    );
    seed.id.apply(() => removeSeedFile(args.seeds, `${version}-seed.qcow2`));
    return { disk, seed };
  }

  private attachment({ network, mac }: Interface, { networks }: LabSurroundingsArgs) {
    const to = networks[network];
    // The address is in capitals, because the provider reads it back in capitals and would show a difference in every
    // preview. For the same reason no libvirt network stands for a bridge: of a running machine the provider reads back
    // the bridge itself.
    const attached = to && "bridge" in to ? { bridge: to.bridge } : { networkId: this.networks[network]?.id };
    return { ...attached, mac: mac.toUpperCase() };
  }
}

/** Where a lab's machines are made. */
interface Place<Name extends string> {
  /** The lab's name. */
  readonly name: string;
  readonly stack: string;
  readonly args: LabArgs<Name>;
  readonly pool: pulumi.Input<string>;
  readonly child: pulumi.CustomResourceOptions;
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
    // The machine gets the CPU with all that the accelerator offers. libvirt's default is a CPU of 2006, on which some
    // distributions no longer boot.
    cpu: { mode: "maximum" },
    graphics: { type: "vnc", listenType: "address" },
    consoles: [{ type: "pty", targetPort: "0", targetType: "serial" }],
    ...(kernel && { kernel }),
    ...(initrd && { initrd }),
    ...(kernel && cmdline && { cmdlines: [cmdline] }),
  };
}

/** Distinguishes one seed from another. */
function mark(seed: Seed): string {
  const told = userData(seed) + metaData(seed) + networkConfig(seed);
  return createHash("sha256").update(told).digest("hex").slice(0, 8);
}

function emulation({ emulation }: LabSurroundingsArgs): "kvm" | "qemu" {
  return (
    emulation ??
    new pulumi.Config("pulumi-lvs").get<"kvm" | "qemu">("emulation", { allowedValues: ["kvm", "qemu"] }) ??
    "kvm"
  );
}

function networkArgs(name: string, { range, mode = "nat" }: LabLibvirtNetworkArgs): libvirt.NetworkArgs {
  // Addresses are static, so libvirt's dnsmasq has no work.
  return { name, mode, addresses: [range], autostart: true, dhcp: { enabled: false }, dns: { enabled: false } };
}

function privateKeyOf(pair: LabKeyPairArgs | undefined): pulumi.Input<string> {
  if (pair?.privateKey) return pair.privateKey;
  return pair?.privateKeyFile ? readFileSync(pair.privateKeyFile, "utf8") : "";
}
