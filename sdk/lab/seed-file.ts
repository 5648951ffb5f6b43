import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isoImage } from "./iso";
import { qcow2 } from "./qcow2";
import { metaData, networkConfig, type Seed, userData } from "./seed";

/**
 * Where seed images lie while they are uploaded, if the program names no folder. The same for everybody who runs the program:
 * the path is an input of the volume, and another one would make the machine anew.
 */
const anyFolder = "/tmp";

/**
 * The path of a seed image for the provider to upload; written only while resources are really made. It holds a private key,
 * so `removeSeedFile` follows once it is uploaded, and neither state nor arguments contain more than the path.
 */
export function seedFile(folder: string | undefined, name: string, seed: Seed): string {
  const file = join(folder ?? anyFolder, name);
  if (pulumi.runtime.isDryRun()) return file;
  const content = { "user-data": userData(seed), "meta-data": metaData(seed), "network-config": networkConfig(seed) };
  rmSync(file, { force: true });
  // "wx": in a shared folder nobody else may have put a file of theirs there.
  writeFileSync(file, qcow2(isoImage("cidata", content)), { mode: 0o600, flag: "wx" });
  return file;
}

export function removeSeedFile(folder: string | undefined, name: string): void {
  if (!pulumi.runtime.isDryRun()) rmSync(join(folder ?? anyFolder, name), { force: true });
}
