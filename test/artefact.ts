import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Artefact {
  readonly path: string;
  readonly sha256: string;
}

const folders: string[] = [];

/** Removes the artefacts of this process. The lab has no temporary folder that ends with the run. */
export function removeArtefacts(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

/**
 * Packs the files that `fill` puts into a folder, as a user's build does. The artefact is in a temporary folder of its
 * own.
 */
export function packed(fill: (app: string) => void): Artefact {
  const folder = mkdtempSync(join(tmpdir(), "lvs-artefact-"));
  folders.push(folder);
  const app = join(folder, "app");
  mkdirSync(app);
  fill(app);
  const path = join(folder, "app.tar.gz");
  execFileSync("tar", ["-czf", path, "-C", app, "."]);
  return { path, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") };
}

/** Packs these files as an artefact. */
export function artefact(files: Readonly<Record<string, string>>): Artefact {
  return packed((app) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(app, name)), { recursive: true });
      writeFileSync(join(app, name), text);
    }
  });
}
