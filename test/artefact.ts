import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** An application's files as an artefact, in a temporary folder of its own. */
export function artefact(files: Readonly<Record<string, string>>): { path: string; sha256: string } {
  const folder = mkdtempSync(join(tmpdir(), "lvs-artefact-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, "app", name)), { recursive: true });
    writeFileSync(join(folder, "app", name), text);
  }
  const path = join(folder, "app.tar.gz");
  const { status, stderr } = spawnSync("tar", ["-czf", path, "-C", join(folder, "app"), "."], { encoding: "utf8" });
  if (status !== 0) throw new Error(`tar: ${stderr}`);
  return { path, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") };
}
