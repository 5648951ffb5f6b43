import { readlinkSync } from "node:fs";
import { closeIdle } from "../../provider/host/pool";
import { provider } from "../../provider/index";
import { kinds, severals } from "../../provider/kinds";
import type { Handler, Props } from "../../provider/pulumi/handler";
import { command } from "./command";
import { client, Host } from "./host";

/** The devices of a host: the network of each, and the host's address there. */
export type Links = Readonly<Record<string, readonly [network: string, address: string]>>;

/**
 * Hosts and the networks between them, in the network namespace of the whole run. The worker's number distinguishes the
 * networks of test files that run at the same time.
 */
export class Site {
  readonly hosts: Host[] = [];
  readonly #networks: string[] = [];
  readonly #ports: string[] = [];
  readonly #routes: string[] = [];

  constructor() {
    const machine = process.env.LVS_MACHINE_NETWORK;
    if (!machine || machine === readlinkSync("/proc/self/ns/net"))
      throw new Error(
        "these tests make networks: run them by `npm test namespaces`, in a network namespace of their own",
      );
  }

  /** Makes a network. With an address the provider itself is on the network, too. Each test file has its own. */
  async network(address?: string): Promise<string> {
    const bridge = `site${process.env.JEST_WORKER_ID ?? ""}n${this.#networks.length}`;
    this.#networks.push(bridge);
    await command(["ip", "link", "add", bridge, "type", "bridge", "stp_state", "0", "forward_delay", "0"]);
    if (address) await command(["ip", "address", "add", address, "dev", bridge]);
    await command(["ip", "link", "set", bridge, "up"]);
    return bridge;
  }

  async host(name: string, links: Links): Promise<Host> {
    const host = await Host.boot(name, async (booting) => {
      for (const [device, [network, address]] of Object.entries(links)) {
        const port = `${network}p${this.#ports.length}`;
        this.#ports.push(port);
        const peer = ["peer", "name", device, "netns", String(booting.pid)];
        await command(["ip", "link", "add", port, "type", "veth", ...peer]);
        await command(["ip", "link", "set", port, "master", network, "up"]);
        await booting.run(`ip address add ${address} dev ${device}; ip link set ${device} up`);
      }
    });
    this.hosts.push(host);
    return host;
  }

  /** Adds the provider's own route to a network behind a router. */
  async route(to: string, via: string): Promise<void> {
    this.#routes.push(to);
    await command(["ip", "route", "add", to, "via", via]);
  }

  async close(): Promise<void> {
    closeIdle();
    // The kernel removes a host's end of a cable together with the network namespace, some time later.
    for (const port of this.#ports) await command(["ip", "link", "del", port]).catch(() => {});
    await Promise.all(this.hosts.map((host) => host.end()));
    for (const to of this.#routes) await command(["ip", "route", "del", to]).catch(() => {});
    for (const bridge of this.#networks) await command(["ip", "link", "del", bridge]);
  }
}

/** Declares a host as the SDK does. */
export function declare(host: Host, address: string, more: Props = {}): Props {
  return { name: host.name, address, hostKey: host.hostKey, privateKey: client.private, ready: 10, ...more };
}

/** One resource, through the calls that Pulumi's engine makes. */
export class Resource {
  id = "";
  /** What the stack's state has. */
  state: Props = {};
  readonly #kind: string;
  readonly #handler: Handler;
  /** What is on a host has an owner. A workflow has none. */
  readonly #owner: Props;

  constructor(
    kind: string,
    readonly inputs: Props,
    readonly owner = `site/test/${kind}`,
  ) {
    this.#kind = kind;
    this.#handler = provider(kind);
    this.#owner = kinds.has(kind) || severals.has(kind) ? { owner } : {};
  }

  async check(inputs: Props = this.inputs): Promise<Props> {
    const checked = await this.#handler.check({}, { ...inputs, ...this.#owner });
    if (checked.failures.length > 0)
      throw new Error(checked.failures.map((f) => `${f.property}: ${f.reason}`).join("; "));
    return checked.inputs;
  }

  async create(): Promise<void> {
    await this.#keep(async () => {
      const { id, outs } = await this.#handler.create(await this.check());
      this.id = id;
      return outs;
    });
  }

  /** Like `pulumi refresh`. Returns false where the thing is gone. */
  async read(): Promise<boolean> {
    const { id, props } = (await this.#handler.read?.(this.id, this.state)) ?? {};
    if (id) this.state = props as Props;
    return Boolean(id);
  }

  /** The properties that a preview shows as changed. */
  async differences(inputs: Props = this.inputs): Promise<string[]> {
    const news = await this.check(inputs);
    const { changes } = await this.#handler.diff(this.id, this.state, news);
    const told = ["machine", "claim", "declared", ...(kinds.get(this.#kind)?.outputs ?? [])];
    const keys = [...new Set([...Object.keys(this.state), ...Object.keys(news)])].filter((key) => !told.includes(key));
    const differ = keys.filter((key) => JSON.stringify(this.state[key]) !== JSON.stringify(news[key]));
    if (changes !== differ.length > 0) throw new Error(`diff says ${changes}, the properties say ${differ}`);
    return differ.sort();
  }

  async replaces(inputs: Props): Promise<string[]> {
    return (await this.#handler.diff(this.id, this.state, await this.check(inputs))).replaces ?? [];
  }

  async update(inputs: Props = this.inputs): Promise<void> {
    const news = await this.check(inputs);
    await this.#keep(async () => (await this.#handler.update?.(this.id, this.state, news))?.outs ?? {});
  }

  /** Like `pulumi up` after any outcome: creates what the state does not have, and updates what differs. */
  async up(inputs: Props = this.inputs): Promise<void> {
    if (!this.id) await this.create();
    else if ((await this.differences(inputs)).length > 0) await this.update(inputs);
  }

  /** Like `pulumi up --replace`: the new one is created before the original is deleted. */
  async replace(): Promise<void> {
    const original = { id: this.id, state: this.state };
    await this.create();
    await this.#handler.delete?.(original.id, original.state);
  }

  async delete(): Promise<void> {
    await this.#handler.delete?.(this.id, this.state);
    this.id = "";
  }

  /** Keeps the state that a failure carries after the first change, as the engine does. */
  async #keep(work: () => Promise<Props>): Promise<void> {
    try {
      this.state = await work();
    } catch (error) {
      const { id, properties } = error as { id?: string; properties?: Props };
      if (id) {
        this.id = id;
        this.state = properties ?? {};
      }
      throw error;
    }
  }
}
