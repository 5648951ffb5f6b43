import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeIdle } from "../../provider/host/pool";
import type { Props } from "../../provider/pulumi/handler";
import { keyPair } from "../key-pair";
import { command } from "../namespaces/command";
import { heeds } from "./heeds";
import { processorOf } from "./processor";
import { Shell } from "./shell";

const files = process.env.LVS_KERNEL as string;
const scripts = join(__dirname, "guest");

/** The key that every host lets in. */
const client = keyPair();
const server = keyPair();

/** The release of Debian that the files of hosts are of, Debian 12 or 13: see `tools/kernel/index.ts`. */
export type Release = "bookworm" | "trixie";

/** Test files that run at the same time have networks of their own. */
const worker = Number(process.env.JEST_WORKER_ID ?? 1);
const addressOf = (last: number) => `10.99.${worker}.${last}`;
let lastAddress = 1;
let taps = 0;

/** The devices of a host by their names: the network of each, and the host's addresses there with their prefixes. */
export type Links = Readonly<Record<string, readonly [network: string, ...addresses: string[]]>>;

/** A host with an IPVS table of its own. The tests reach the host by SSH. */
export class KernelHost {
  readonly shell: Shell;

  constructor(
    readonly name: string,
    readonly address: string,
    readonly machine: string,
  ) {
    this.shell = new Shell(address, client.private);
  }

  /** Runs a script on the host by hand, that is, not through the product. */
  run(script: string, input = ""): Promise<string> {
    return this.shell.run(script, input);
  }

  /** How the host is reached, as arguments of the SDK's Host. */
  get connection() {
    return { address: this.address, hostKey: server.public, privateKey: client.private, ready: 20 };
  }

  /** The same as the SDK passes it to the provider. */
  declare(more: Props = {}): Props {
    return { name: this.name, ...this.connection, ...more };
  }
}

/** A Linux kernel with IPVS: a process of User Mode Linux, in the network namespace of the whole run. */
class Kernel {
  #console = "";

  private constructor(private readonly process: ChildProcess) {
    for (const stream of [process.stdout, process.stderr])
      stream?.on("data", (some: Buffer) => (this.#console += some));
    // In one of a hundred starts a kernel of User Mode Linux misses that a packet arrived, and sleeps on. The signal
    // makes the kernel look for packets. It would end a program that is not yet a kernel.
    const nudge = setInterval(() => heeds(process.pid, "SIGIO") && process.kill("SIGIO"), 500);
    process.once("exit", () => clearInterval(nudge));
  }

  /** Starts the kernel, and waits until its SSH server answers. */
  static async boot(
    shell: Shell,
    release: Release,
    memory: string,
    devices: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Kernel> {
    const encoded = (text: string) => Buffer.from(text).toString("base64");
    const root = ["root=/dev/root", "rootfstype=hostfs", `rootflags=${join(files, release)}`, "ro", "init=/first"];
    const options = [
      `mem=${memory}`,
      ...root,
      "con=null",
      "con0=null,fd:1",
      "quiet",
      // Where this machine does not let a kernel filter system calls, the kernel traces its processes, which takes longer.
      "seccomp=auto",
      `uml_dir=${tmpdir()}`,
      ...devices,
    ];
    const keys = [`LVS_KEY=${encoded(server.private)}`, `LVS_CLIENT=${encoded(client.public)}`];
    const known = [`LVS_SCRIPTS=${scripts}`, `LVS_ADDRESS=${shell.address}/24`, ...keys];
    const more = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const kernel = new Kernel(
      spawn("taskset", ["--cpu-list", processorOf(worker), join(files, "linux"), ...options, ...known, ...more], {
        // User Mode Linux keeps the kernel's memory in a file in TMPDIR.
        env: { ...process.env, TMPDIR: tmpdir() },
        ...{ detached: true, stdio: ["ignore", "pipe", "pipe"] },
      }),
    );
    const ended = once(kernel.process, "exit").then(([status, signal]) => {
      throw new Error(`it ended by itself, ${signal ?? `with status ${status}`}`);
    });
    try {
      await Promise.race([shell.ready(), ended]);
      return kernel;
    } catch (error) {
      await kernel.powerOff();
      throw new Error(`the kernel does not get ready: ${(error as Error).message}\n${kernel.#console.slice(-2000)}`);
    } finally {
      ended.catch(() => {});
    }
  }

  /** Ends the kernel at once, as a loss of power does. */
  async powerOff(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    // The whole process group: the programs of the kernel's hosts run in processes of their own.
    process.kill(-(this.process.pid as number), "SIGKILL");
    await ended;
  }
}

/**
 * One kernel with many hosts. Each host is a set of namespaces with files, processes, routes, settings and an IPVS
 * table of its own.
 */
export class SharedKernel {
  readonly #hosts: KernelHost[] = [];
  /** The first process of each host. */
  readonly #first = new Map<KernelHost, number>();

  private constructor(
    private readonly kernel: Kernel,
    private readonly shell: Shell,
  ) {}

  static async boot(release: Release = "trixie"): Promise<SharedKernel> {
    const network = await management();
    const shell = new Shell(addressOf(++lastAddress), client.private);
    return new SharedKernel(await Kernel.boot(shell, release, "1G", [await vector(0, network)]), shell);
  }

  /** Makes a host with these devices. A network is made with the first host on it. */
  async host(name: string, links: Links): Promise<KernelHost> {
    const made = new KernelHost(name, addressOf(++lastAddress), randomBytes(16).toString("hex"));
    this.#hosts.push(made);
    const plugs = Object.entries(links).map(([device, [network, ...at]]) => `${device},${network},${at.join("+")}`);
    const words = [name, `${made.address}/24`, made.machine, ...plugs];
    this.#first.set(made, Number(await this.shell.run(`sh /run/scripts/host ${words.join(" ")}`)));
    await made.shell.ready();
    return made;
  }

  /** Makes several hosts, by name. */
  async hosts<Name extends string>(links: Readonly<Record<Name, Links>>): Promise<Record<Name, KernelHost>> {
    const made = {} as Record<Name, KernelHost>;
    // The hosts are made one after the other, because the kernel has one CPU.
    for (const name of Object.keys(links) as Name[]) made[name] = await this.host(name, links[name]);
    return made;
  }

  /** Ends a host at once: with its first process go all others, and with them its interfaces and its IPVS table. */
  async powerOff(host: KernelHost): Promise<void> {
    await this.shell.run(`kill -KILL ${this.#first.get(host)}`);
    host.shell.close();
  }

  /** Pulls a host's nth cable out of its switch. The host's own link stays up, as where a switch fails. */
  async unplug(host: KernelHost, n: number): Promise<void> {
    await this.shell.run(`ip link set l${this.#first.get(host)}.${n} nomaster`);
  }

  async plug(host: KernelHost, n: number, network: string): Promise<void> {
    await this.shell.run(`ip link set l${this.#first.get(host)}.${n} master ${network}`);
  }

  async end(): Promise<void> {
    closeIdle();
    this.shell.close();
    for (const host of this.#hosts) host.shell.close();
    await this.kernel.powerOff();
  }
}

/** A kernel that is one machine with a disk. What was written to the disk outlives a loss of power. */
export class Machine extends KernelHost {
  #kernel: Kernel | undefined;

  private constructor(
    name: string,
    private readonly disk: string,
    private readonly devices: readonly string[],
    private readonly links: string,
    private readonly release: Release,
  ) {
    super(name, addressOf(++lastAddress), randomBytes(16).toString("hex"));
  }

  static async make(name: string, links: Links, release: Release = "bookworm"): Promise<Machine> {
    const devices = [await vector(0, await management())];
    for (const [network] of Object.values(links)) devices.push(await vector(devices.length, await bridge(network)));
    const disk = join(tmpdir(), `${name}${worker}`);
    await command(["mke2fs", "-q", "-F", "-t", "ext4", disk, "128M"]);
    const plugs = Object.entries(links).map(([device, [, ...at]]) => `${device},${at.join("+")}`);
    const made = new Machine(name, disk, [...devices, `ubd0=${disk}`], plugs.join(";"), release);
    await made.powerOn();
    return made;
  }

  async powerOn(): Promise<void> {
    const { name: LVS_NAME, machine: LVS_MACHINE, links: LVS_LINKS } = this;
    this.#kernel = await Kernel.boot(this.shell, this.release, "128M", this.devices, {
      LVS_NAME,
      LVS_MACHINE,
      LVS_LINKS,
    });
  }

  /** Powers the machine off. What was not written to the disk is lost. */
  async powerOff(): Promise<void> {
    await this.#kernel?.powerOff();
    this.shell.close();
  }

  async remove(): Promise<void> {
    await this.powerOff();
    await rm(this.disk);
  }
}

/** Returns the bridge over which the tests reach this worker's kernels. */
export async function management(): Promise<string> {
  const machine = process.env.LVS_MACHINE_NETWORK;
  if (!files || !machine || machine === readlinkSync("/proc/self/ns/net"))
    throw new Error("these tests start kernels: run them by `npm test kernel`, in a network namespace of their own");
  return bridge("mgmt", `${addressOf(1)}/24`);
}

/**
 * Makes a bridge in the run's own network. Each test file makes the bridge anew, so that the neighbours of a former
 * file are gone.
 */
function bridge(network: string, address?: string): Promise<string> {
  const made = bridges.get(network) ?? makeBridge(`${network}${worker}`, address);
  bridges.set(network, made);
  return made;
}
const bridges = new Map<string, Promise<string>>();

async function makeBridge(name: string, address?: string): Promise<string> {
  await command(["ip", "link", "delete", name]).catch(() => {});
  await command(["ip", "link", "add", name, "up", "type", "bridge", "stp_state", "0", "forward_delay", "0"]);
  if (address) await command(["ip", "address", "add", address, "dev", name]);
  return name;
}

/** The nth device of a kernel, on a bridge. */
async function vector(n: number, network: string): Promise<string> {
  const tap = `tap${worker}.${++taps}`;
  // The MAC address of every device is unique, also among devices that other workers make at the same time.
  const mac = ["02", "00", worker, 0, 0, taps].map((part) => Number(part).toString(16).padStart(2, "0")).join(":");
  // A former test file may have left a device with this name.
  await command(["ip", "link", "delete", tap]).catch(() => {});
  await command(["ip", "tuntap", "add", tap, "mode", "tap"]);
  await command(["ip", "link", "set", tap, "master", network, "up"]);
  return `vec${n}:transport=tap,ifname=${tap},depth=64,gro=1,mac=${mac}`;
}
