import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/**
 * OpenSSH makes the key. One in two hundred of ssh2's own Ed25519 keys is malformed, because ssh2 drops a leading zero.
 */
export function keyPair(type: "ed25519" | "ecdsa" | "rsa" = "ed25519", passphrase = ""): KeyPair {
  const folder = mkdtempSync(join(tmpdir(), "lvs-key-"));
  try {
    const file = join(folder, "key");
    const bits = type === "ecdsa" ? ["-b", "256"] : type === "rsa" ? ["-b", "2048"] : [];
    execFileSync("ssh-keygen", ["-q", "-t", type, ...bits, "-N", passphrase, "-C", "", "-f", file]);
    return { private: readFileSync(file, "utf8"), public: readFileSync(`${file}.pub`, "utf8").trim() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
