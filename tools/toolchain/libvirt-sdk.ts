import { copyFile, cp, mkdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { cached, root } from "../cache.js";
import { inNewFolder } from "../folders.js";
import { phase } from "../progress.js";
import type { Toolchain } from "./toolchain.js";
import { bridge, libvirt } from "./versions.js";

/**
 * Puts `@pulumi/libvirt` into `sdks/libvirt`, where `pulumi install` would put it, and makes the package importable by
 * a link in node_modules.
 *
 * `pulumi install` adds a dependency on `file:sdks/libvirt` to package.json. We do not: npm would then install the
 * TypeScript 4 that the generated package asks for (65 MB), and compile the package with it at every installation.
 */
export async function installLibvirtSdk(toolchain: Toolchain): Promise<void> {
  const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const compiledBy = [devDependencies["@pulumi/pulumi"], devDependencies["@typescript/native"]];
  const key = [toolchain.identity, bridge, libvirt, ...compiledBy];
  const generated = await cached("libvirt-sdk", key, (making) =>
    phase("generating @pulumi/libvirt", async () => {
      await generate(toolchain, making);
      await compile(making);
    }),
  );
  await copyIntoCheckout(generated);
  await linkIntoNodeModules();
}

const checkoutCopy = join(root, "sdks", "libvirt");
const stamp = ".generated-as";

async function generate({ pulumi, environment }: Toolchain, folder: string): Promise<void> {
  const { execa } = await import("execa");
  const out = join(folder, "out");
  const wanted = [`${bridge.source}@${bridge.version}`, "--", `${libvirt.namespace}/${libvirt.name}`, libvirt.version];
  const flags = ["--language", "nodejs", "--local", "--out", out];
  await execa(pulumi, ["package", "gen-sdk", ...flags, ...wanted], { cwd: folder, env: environment });
  await cp(join(out, "nodejs"), folder, { recursive: true });
  await rm(out, { recursive: true });
}

async function compile(folder: string): Promise<void> {
  const { execa } = await import("execa");
  const modules = join(folder, "node_modules");
  await symlink(join(root, "node_modules"), modules);
  // The generated postinstall script does the same. Here the compiler is this repository's, and generated code is not
  // checked.
  await execa(join(modules, ".bin", "tsc"), ["--noCheck"], { cwd: folder });
  await copyFile(join(folder, "package.json"), join(folder, "bin", "package.json"));
  await rm(modules);
}

// A copy, not a link: the package must find @pulumi/pulumi in this checkout's node_modules.
async function copyIntoCheckout(generated: string): Promise<void> {
  if (await isCurrent(generated)) return;
  const folder = join(root, "sdks");
  await mkdir(folder, { recursive: true });
  try {
    await inNewFolder(join(folder, ".libvirt-"), async (making) => {
      await cp(generated, making, { recursive: true });
      await writeFile(join(making, stamp), basename(generated));
      await rm(checkoutCopy, { recursive: true, force: true });
      await rename(making, checkoutCopy);
    });
  } catch (cause) {
    // Another command, started at the same time, may have been quicker.
    if (!(await isCurrent(generated))) throw cause;
  }
}

async function isCurrent(generated: string): Promise<boolean> {
  const made = await readFile(join(checkoutCopy, stamp), "utf8").catch(() => undefined);
  return made === basename(generated);
}

async function linkIntoNodeModules(): Promise<void> {
  const place = join(root, "node_modules", "@pulumi", libvirt.name);
  const target = join("..", "..", "sdks", libvirt.name);
  if ((await readlink(place).catch(() => undefined)) === target) return;
  await rm(place, { recursive: true, force: true });
  await symlink(target, place).catch(async (cause) => {
    if ((await readlink(place).catch(() => undefined)) !== target) throw cause;
  });
}
