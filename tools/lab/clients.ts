import { execa } from "execa";
import { createNamespace, inNamespace, removeNamespace } from "./namespace.js";
import { clientNamespace, namespaces, type Place } from "./place.js";
import { clientAddress, mostClients, networks } from "./topology.js";

/** The number of client hosts where nobody has asked for a number. */
const USUAL = 2;

/** Returns the number of client hosts that was asked for, otherwise the number that the lab has, otherwise two. */
export function clientCount(asked: number | undefined, has: number | undefined): number {
  const count = asked ?? has ?? USUAL;
  if (!Number.isInteger(count) || count < 0 || count > mostClients)
    throw new Error(`lab: clients ${count}: a lab has 0 to ${mostClients} client hosts`);
  return count;
}

/** Reads the number after `--clients`. */
export function clientNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`lab: --clients "${text}": say a number from 0 to ${mostClients}`);
  return clientCount(Number(text), undefined);
}

/**
 * Makes exactly this number of client hosts on the LAN. Each is a namespace with one interface, because to IPVS one
 * address is one client.
 */
export async function ensureClients(lab: Place, count: number): Promise<void> {
  for (const name of await clientNamespaces(lab)) if (numberOf(lab, name) > count) await removeClient(lab, name);
  for (let n = 1; n <= count; n++) await ensureClient(lab, n);
}

async function ensureClient(lab: Place, n: number): Promise<void> {
  const client = clientNamespace(lab, n);
  await createNamespace(client);
  const port = `client${n}`;
  const there = await execa("ip", ["-n", lab.namespace, "link", "show", port], { reject: false });
  if (there.exitCode !== 0) {
    // The other end may be left from a lab that crashed.
    await execa("ip", ["-n", client, "link", "delete", "eth0"], { reject: false });
    await execa("ip", [
      "-n",
      lab.namespace,
      "link",
      "add",
      port,
      "type",
      "veth",
      "peer",
      "name",
      "eth0",
      "netns",
      client,
    ]);
  }
  await execa("ip", ["-n", lab.namespace, "link", "set", port, "master", networks.lan.bridge, "up"]);
  await inNamespace(client, "sysctl", [
    "--quiet",
    "--write",
    "net.ipv6.conf.all.disable_ipv6=1",
    "net.ipv4.conf.all.rp_filter=0",
  ]);
  await execa("ip", ["-n", client, "address", "replace", clientAddress(n), "dev", "eth0"]);
  await execa("ip", ["-n", client, "link", "set", "eth0", "up"]);
}

export async function removeClients(lab: Place): Promise<void> {
  for (const name of await clientNamespaces(lab)) await removeClient(lab, name);
}

async function clientNamespaces(lab: Place): Promise<string[]> {
  return (await namespaces()).filter((name) => numberOf(lab, name) > 0);
}

/** The number of the client host whose namespace this is; 0 if it is none. */
function numberOf(lab: Place, namespace: string): number {
  const prefix = `${lab.id}.client`;
  return namespace.startsWith(prefix) ? Number(namespace.slice(prefix.length)) : 0;
}

async function removeClient(lab: Place, client: string): Promise<void> {
  // The pair of interfaces goes first. The kernel removes the pair of a deleted namespace some time later, and a new
  // client host would find that pair.
  await execa("ip", ["-n", lab.namespace, "link", "delete", `client${numberOf(lab, client)}`], { reject: false });
  await removeNamespace(client);
}
