import { existsSync } from "node:fs";
import { chmod, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Place } from "./place.js";

/**
 * A key pair on disk: the path of the private half, which has mode 0600, and the public half as `ssh-ed25519 AAAA…`.
 */
export interface KeyPair {
  readonly privateKeyFile: string;
  readonly publicKey: string;
}

/** The key of the tools and of Pulumi. Every guest of the lab accepts it. */
export function ensureUserKey(lab: Place): Promise<KeyPair> {
  return ensureKey(lab, "id_ed25519", `pulumi-lvs lab ${lab.stack}`);
}

/** A guest's host key. It is made before the guest boots, so the first connection can verify it. */
export function ensureHostKey(lab: Place, guest: string): Promise<KeyPair> {
  return ensureKey(lab, `${guest}_host_ed25519_key`, guest);
}

async function ensureKey(lab: Place, name: string, comment: string): Promise<KeyPair> {
  const folder = join(lab.folder, "keys");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  if (!existsSync(file)) await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]);
  await chmod(file, 0o600);
  const [type, key] = (await readFile(`${file}.pub`, "utf8")).trim().split(" ");
  return { privateKeyFile: file, publicKey: `${type} ${key}` };
}
