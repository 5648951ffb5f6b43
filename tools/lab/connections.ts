import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Place } from "./place.js";

/** The folder of the sockets of SSH connections that commands share. */
export function connectionsFolder(lab: Place): string {
  return join(lab.system, "ssh");
}

/** The longest name of a guest's socket, and what ssh adds to the name while it makes the socket. */
const NAME = "admin@255.255.255.255".length + ".0123456789abcdef".length;

/** The longest path of a unix socket: 108 bytes with the end of the string. */
const LONGEST = 107;

/** Whether the paths of the sockets are short enough. A lab whose folder has a longer path shares no connections. */
export function canShare(lab: Place): boolean {
  return Buffer.byteLength(connectionsFolder(lab)) + 1 + NAME <= LONGEST;
}

/**
 * Ends the shared connections to guests that were replaced, or that have lost the connections.
 *
 * @param addresses the addresses of these guests. Default: all guests
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
