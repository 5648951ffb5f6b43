import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A machine's own SSH key, in the folder `keys`. The key is made once, before the machine's first boot, so that the first
 * connection can verify it. Keep the folder: with other keys the machines are made anew.
 */
export function hostKey(machine: string): { publicKey: string; privateKeyFile: string } {
  const folder = join(__dirname, "keys");
  const file = join(folder, machine);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", machine, "-f", file]);
  }
  return { publicKey: readFileSync(`${file}.pub`, "utf8").trim(), privateKeyFile: file };
}
