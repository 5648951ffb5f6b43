import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isoImage } from "./iso";
import { qcow2 } from "./qcow2";
import { metaData, networkConfig, type Seed, userData } from "./seed";

/**
 * The folder of seed images while they are uploaded, if the program names none. The folder is the same for everybody
 * who runs the program: the path is an input of the volume, and another path would make the machine anew.
 */
const anyFolder = "/tmp";

/** The files that were written and not removed yet. */
const written = new Set<string>();

/**
 * A seed whose upload failed is not reported as uploaded. Its file has a private key, and is removed when the program
 * ends.
 */
function removeWritten(): void {
  for (const file of written) rmSync(file, { force: true });
  written.clear();
}

/**
 * Returns the path of a seed image for the provider to upload. The file is written only while resources are really
 * made. The file has a private key, so `removeSeedFile` removes it after the upload. State and arguments have only the
 * path.
 */
export function seedFile(folder: string | undefined, name: string, seed: Seed): string {
  const file = join(folder ?? anyFolder, name);
  if (pulumi.runtime.isDryRun()) return file;
  const content = { "user-data": userData(seed), "meta-data": metaData(seed), "network-config": networkConfig(seed) };
  rmSync(file, { force: true });
  if (!process.listeners("exit").includes(removeWritten)) process.once("exit", removeWritten);
  written.add(file);
  // "wx" fails where the file exists: in a shared folder, somebody else may have put a file there.
  writeFileSync(file, qcow2(isoImage("cidata", content)), { mode: 0o600, flag: "wx" });
  return file;
}

export function removeSeedFile(folder: string | undefined, name: string): void {
  if (pulumi.runtime.isDryRun()) return;
  const file = join(folder ?? anyFolder, name);
  rmSync(file, { force: true });
  written.delete(file);
}
