import { execa } from "execa";
import { createNamespace, inNamespace, namespaces, removeNamespace } from "./namespace.js";
import type { Place } from "./place.js";
import { clientAddress, networks } from "./topology.js";

/** The namespace of the nth client host, from 1. */
export function clientNamespace(lab: Place, n: number): string {
  return `${lab.id}.client${n}`;
}

/** Client hosts on the LAN: each a namespace with one leg, because one address can only be one client to IPVS. */
export async function ensureClients(lab: Place, count: number): Promise<void> {
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
  for (const name of await namespaces()) if (name.startsWith(`${lab.id}.client`)) await removeNamespace(name);
}
