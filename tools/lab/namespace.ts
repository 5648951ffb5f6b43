import { execa } from "execa";
import { poll } from "pulumi-lvs-provider/poll";
import { namespaces, type Place } from "./place.js";
import { type Guest, type Network, networks, routedSource, sources } from "./topology.js";

/** Runs a command inside a network namespace. */
export function inNamespace(namespace: string, command: string, args: readonly string[], options: object = {}) {
  return execa("ip", ["netns", "exec", namespace, command, ...args], options);
}

/**
 * Makes the lab's own network. The lab's bridges are in it and nothing of the machine's, so no address clashes with an
 * address outside.
 */
export async function ensureNamespace(lab: Place, guests: readonly Guest[]): Promise<void> {
  await createNamespace(lab.namespace);
  const inside = (...args: string[]) => execa("ip", ["-n", lab.namespace, ...args]);
  for (const network of Object.values(networks)) {
    await ensureBridge(lab.namespace, network);
    await inside("address", "replace", network.address, "dev", network.bridge);
  }
  // These addresses come after the bridge's own address, which stays the primary one. A connection that asks for no
  // address leaves from the primary one.
  for (const source of sources) await inside("address", "replace", `${source}/24`, "dev", networks.lan.bridge);
  await inside("address", "replace", `${routedSource}/32`, "dev", "lo");
  await inNamespace(lab.namespace, "sysctl", ["--quiet", "--write", ...sysctls]);
  for (const { address, bridge, routed } of guests) {
    if (routed) await inside("route", "replace", address, "dev", bridge, "src", routedSource);
    else await execa("ip", ["-n", lab.namespace, "route", "del", address, "src", routedSource], { reject: false });
  }
}

/**
 * The namespace is the guests' first gateway. For routed guests it is the administrator's network as well. Replies may
 * come back by another bridge than the one that the request went out by. ARP for an address is answered on the bridge
 * of that address alone.
 */
const sysctls = [
  "net.ipv4.ip_forward=1",
  ...["all", "default", "lan", "hostonly"].flatMap((name) => [
    `net.ipv4.conf.${name}.rp_filter=0`,
    `net.ipv4.conf.${name}.arp_ignore=1`,
    `net.ipv4.conf.${name}.arp_announce=2`,
    `net.ipv4.conf.${name}.send_redirects=0`,
    `net.ipv4.conf.${name}.accept_redirects=0`,
  ]),
  "net.ipv6.conf.all.disable_ipv6=1",
  "net.ipv6.conf.default.disable_ipv6=1",
];

export async function createNamespace(name: string): Promise<void> {
  if (!(await namespaces()).includes(name)) await execa("ip", ["netns", "add", name]);
  await execa("ip", ["-n", name, "link", "set", "lo", "up"]);
}

async function ensureBridge(namespace: string, { bridge }: Network): Promise<void> {
  const inside = (...args: string[]) => execa("ip", ["-n", namespace, ...args]);
  const exists = await execa("ip", ["-n", namespace, "link", "show", bridge], { reject: false });
  // A bridge has no spanning tree and no delay: a guest's first ARP request would be lost.
  if (exists.exitCode !== 0)
    await inside("link", "add", bridge, "type", "bridge", "stp_state", "0", "forward_delay", "0");
  await inside("link", "set", bridge, "up");
}

/** Returns the processes inside a namespace. All of them belong to a lab. */
export async function processesIn(namespace: string): Promise<number[]> {
  const { stdout } = await execa("ip", ["netns", "pids", namespace], { reject: false });
  return stdout.split("\n").filter(Boolean).map(Number);
}

export async function removeNamespace(name: string): Promise<void> {
  if (!(await namespaces()).includes(name)) return;
  await endProcesses(name);
  await execa("ip", ["netns", "delete", name]);
}

/** Ends the processes in a namespace: first by SIGTERM, then by SIGKILL. The caller itself may be inside. */
async function endProcesses(namespace: string): Promise<void> {
  const others = async () =>
    (await processesIn(namespace)).filter((pid) => pid !== process.pid && pid !== process.ppid);
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    for (const pid of await others()) signalProcess(pid, signal);
    const left = await poll(others, ({ length }) => length === 0, { within: 5, every: 0.1 });
    if (left.length === 0) return;
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has ended meanwhile.
  }
}
