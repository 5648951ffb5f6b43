import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canShare, connectionsFolder } from "./connections.js";
import { ensureHostKey, type KeyPair } from "./keys.js";
import type { Place } from "./place.js";
import type { Guest } from "./topology.js";

export function sshConfigFile(lab: Place): string {
  return join(lab.folder, "ssh_config");
}

/** Writes ssh_config and known_hosts. Inside the namespace, `ssh -F ssh_config director` then asks no question. */
export async function writeSshConfig(lab: Place, guests: readonly Guest[], user: KeyPair): Promise<void> {
  await mkdir(lab.folder, { recursive: true });
  const knownHosts = join(lab.folder, "known_hosts");
  const config = [
    ...["Host *", "  User root", `  IdentityFile ${path(user.privateKeyFile)}`, "  IdentitiesOnly yes"],
    ...[`  UserKnownHostsFile ${path(knownHosts)}`, "  GlobalKnownHostsFile /dev/null", "  StrictHostKeyChecking yes"],
    ...["  PasswordAuthentication no", "  ConnectTimeout 30", "  LogLevel ERROR"],
    // Debian's ssh would send the client's locale, which the guests lack.
    "  SendEnv -*",
    ...(canShare(lab) ? sharing(lab) : []),
    ...guests.flatMap(({ name, address }) => [`Host ${name}`, `  HostName ${address}`]),
  ];
  await replaceFile(sshConfigFile(lab), `${config.join("\n")}\n`);
  const known: string[] = [];
  for (const { name, address } of guests)
    known.push(`${name},${address} ${(await ensureHostKey(lab, name)).publicKey}`);
  await replaceFile(knownHosts, `${known.join("\n")}\n`);
}

/**
 * Commands to a guest share one connection, because a login takes an emulated guest seconds. The connection ends with
 * the lab's namespace. It also ends where the guest does not answer any more, for instance after a loss of power, so
 * soon that nobody waits for it.
 */
function sharing(lab: Place): string[] {
  return [
    ...["  ControlMaster auto", `  ControlPath ${path(connectionsFolder(lab), "/%r@%h")}`, "  ControlPersist 600"],
    ...["  ServerAliveInterval 10", "  ServerAliveCountMax 3"],
  ];
}

/**
 * A path in the form of ssh_config: in quotes because of blanks. A percent sign, which begins one of ssh's tokens, is
 * doubled, except for the wanted tokens.
 */
function path(file: string, tokens = ""): string {
  return `"${file.replace(/["\\]/g, "\\$&").replace(/%/g, "%%")}${tokens}"`;
}

/** Replaces the file in one step, because another ssh may be reading it. */
async function replaceFile(file: string, content: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}`;
  try {
    await writeFile(fresh, content, { flag: "wx" });
    await rename(fresh, file);
  } finally {
    await rm(fresh, { force: true });
  }
}
