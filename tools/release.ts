import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "./cache.js";
import { inNewFolder } from "./folders.js";
import { phase } from "./progress.js";
import { inBetween } from "./release/in-between.js";
import { onLibvirt } from "./release/libvirt.js";
import { onOwnHosts } from "./release/own-hosts.js";
import { PACKAGES, ways } from "./release/ways.js";
import { ensureToolchain } from "./toolchain/index.js";

/**
 * Packs what would be published, and tries it as a new user does: the templates, in empty folders, from the tarballs alone. A
 * dry run ends there, and says what a publication lacks.
 */
export async function release({ dryRun = false }: { dryRun?: boolean }): Promise<number> {
  const toolchain = await ensureToolchain();
  await inNewFolder(join(tmpdir(), "lvs-release-"), async (folder) => {
    const tarballs = join(folder, "tarballs");
    await mkdir(tarballs);
    await phase("packing", () => pack(tarballs));
    const { peerDependencies } = await manifest("sdk");
    const lowest = peerDependencies["@pulumi/pulumi"].replace("^", "");
    const trial = { tarballs, toolchain };
    for (const [i, way] of ways(lowest).entries())
      await phase(way.name, () => onOwnHosts(way, join(folder, `way${i}`), trial));
    await phase("a package in between, npm and pnpm", () => inBetween(join(folder, "between"), trial));
    await phase("virtual machines on a libvirt", () => onLibvirt(join(folder, "libvirt"), trial));
    for (const name of await readdir(tarballs)) console.log(name);
    if (!dryRun) await publish(tarballs);
    else for (const one of await lacking()) console.log(one);
    await rm(folder, { recursive: true });
  });
  return 0;
}

async function pack(tarballs: string): Promise<void> {
  // What was compiled before may hold files that are there no more.
  for (const each of Object.values(PACKAGES))
    for (const made of ["dist", "tsconfig.tsbuildinfo"])
      await rm(join(root, each, made), { recursive: true, force: true });
  await rm(join(root, "node_modules", ".lvs-compiled"), { force: true });
  const which = Object.keys(PACKAGES).flatMap((name) => ["-w", name]);
  await execa(process.execPath, [join(root, "tools", "bootstrap.mjs"), "build"], { cwd: root });
  await execa("npm", ["pack", ...which, "--pack-destination", tarballs], { cwd: root, env: { LVS_COMPILED: "1" } });
  const packed = await readdir(tarballs);
  for (const name of packed) {
    const { stdout } = await execa("tar", ["-tzf", join(tarballs, name)]);
    const missing = ["package.json", "README.md", "LICENSE"].filter(
      (one) => !stdout.split("\n").includes(`package/${one}`),
    );
    if (missing.length > 0) throw new Error(`${name} has no ${missing.join(", ")}`);
  }
}

async function manifest(folder: string) {
  return JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
}

/** What no tool can know: where the source lies. A registry's page of a package links there. */
async function lacking(): Promise<string[]> {
  const each = Object.values(PACKAGES).map(async (folder) => {
    const own = await manifest(folder);
    const missing = ["repository", "homepage", "bugs"].filter((property) => !(property in own));
    return missing.length === 0
      ? []
      : [`${folder}/package.json names no ${missing.join(", ")}: say where the source lies before it is published`];
  });
  return (await Promise.all(each)).flat();
}

async function publish(tarballs: string): Promise<void> {
  const packed = await readdir(tarballs);
  const reasons = await lacking();
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
  for (const name of Object.keys(PACKAGES)) {
    const tarball = packed.find((one) => new RegExp(`^${name}-\\d`).test(one)) as string;
    await execa("npm", ["publish", join(tarballs, tarball)], { cwd: root, stdio: "inherit" });
  }
}
