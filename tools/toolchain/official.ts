import { access, constants, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { cacheFolder } from "../cache.js";
import type { Toolchain } from "./toolchain.js";
import { oldestPulumi } from "./versions.js";

const quiet = { PULUMI_SKIP_UPDATE_CHECK: "true" };

/** The Pulumi release that the user has installed, if it is recent and complete enough to be used as it is. */
export async function officialToolchain(): Promise<Toolchain | undefined> {
  const pulumi = await onPath("pulumi");
  if (!pulumi) return undefined;
  const { execa } = await import("execa");
  const { stdout, failed } = await execa(pulumi, ["version"], { env: quiet, reject: false });
  if (failed || !(await isAtLeast(stdout, oldestPulumi))) return undefined;
  // A CLI that was built from a Go module comes alone. A release has its language hosts beside it.
  const beside = join(dirname(await realpath(pulumi)), "pulumi-language-nodejs");
  if (!(await isExecutable(beside)) && !(await onPath("pulumi-language-nodejs"))) return undefined;
  return { pulumi, environment: quiet, identity: `official ${stdout.trim()}` };
}

async function onPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    // The CLI that we built is on PATH as well when this runs inside one of our own commands.
    if (!folder || folder.startsWith(cacheFolder)) continue;
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** A version between two releases counts as the later one. */
async function isAtLeast(version: string, oldest: string): Promise<boolean> {
  const { default: semver } = await import("semver");
  const release = semver.coerce(version);
  return release !== null && semver.gte(release, oldest);
}
