import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Place } from "./place.js";

/** Where the sockets of the SSH connections lie that commands share. */
export function connectionsFolder(lab: Place): string {
  return join(lab.system, "ssh");
}

/** How long a name may be, and what ssh adds to it while it makes the socket. */
const NAME = "admin@255.255.255.255".length + ".0123456789abcdef".length;

/** The path of a unix socket (108 bytes with the end of the string). */
const LONGEST = 107;

/** Whether the sockets' names fit; a lab whose folder is too long does without. */
export function canShare(lab: Place): boolean {
  return Buffer.byteLength(connectionsFolder(lab)) + 1 + NAME <= LONGEST;
}

/**
 * Ends the shared connections: the machines behind them are others, or have forgotten them.
 *
 * @param addresses of which guests. Default: all
 */
export async function endConnections(lab: Place, addresses?: readonly string[]): Promise<void> {
  const folder = connectionsFolder(lab);
  const open = await readdir(folder).catch(() => []);
  for (const name of open) {
    const [, address = ""] = name.split("@");
    if (addresses && !addresses.includes(address)) continue;
    const socket = join(folder, name);
    await execa("ssh", ["-F", "none", "-S", socket, "-O", "exit", address], { reject: false, timeout: 10_000 });
    await rm(socket, { force: true });
  }
}
