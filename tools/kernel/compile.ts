import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";
import { cached, root } from "../cache.js";
import { debianSources, download } from "../lab/apt.js";
import type { Programs } from "../machine.js";
import { inOwnProcesses } from "../own-processes.js";
import { phase } from "../progress.js";

/**
 * The release of Debian whose kernel it is. Since Linux 6.16 a kernel of User Mode Linux need not trace its processes, and a
 * program starts there in a fourth of the time. Debian's own package of it has no packet filter.
 */
const RELEASE = "forky";

/** Debian's package of the kernel's source has the version in its name, "linux-source-7.2". */
const SOURCE = "?name(^linux-source-[0-9.]+$)";

export const COMPILING_PROGRAMS: Programs = {
  gcc: "gcc",
  "/usr/include/stdio.h": "libc6-dev",
  make: "make",
  flex: "flex",
  bison: "bison",
  bc: "bc",
  xz: "xz-utils",
};

/**
 * Compiles a kernel with IPVS and packet filters that is an ordinary program (User Mode Linux), from Debian's source. Returns the
 * folder with `linux` and with `modules`, in which the modules are by the kernel's version. The folder is made once a machine.
 */
export async function compiledKernel(): Promise<string> {
  const config = await readFile(join(root, "tools", "kernel", "config"), "utf8");
  const key = { RELEASE, SOURCE, config, builder: [compile, unpackedSource, configure].join("") };
  return cached("kernel", key, (made) => phase("compiling a kernel with IPVS for tests", () => compile(made, config)));
}

async function compile(made: string, config: string): Promise<void> {
  const source = await unpackedSource(join(made, "source"));
  const make = (...args: string[]) => inOwnProcesses("make", ["--silent", "ARCH=um", ...args], { cwd: source });
  await configure(source, config, () => make("olddefconfig"));
  await make(`--jobs=${availableParallelism()}`, "linux", "modules");
  // The list of what depends on what is made where the modules are used, by the tools that are there.
  await make("modules_install", "INSTALL_MOD_STRIP=1", `INSTALL_MOD_PATH=${made}`, "DEPMOD=true");
  await execa("strip", ["-o", join(made, "linux"), join(source, "linux")]);
  await rename(join(made, "lib/modules"), join(made, "modules"));
  await rm(join(made, "lib"), { recursive: true });
  await rm(join(made, "source"), { recursive: true });
  for (const version of await readdir(join(made, "modules"))) await rm(join(made, "modules", version, "build"));
}

async function unpackedSource(folder: string): Promise<string> {
  const packages = await download(join(folder, "packages"), await debianSources(RELEASE), [SOURCE]);
  const newest = packages.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1) as string;
  await inOwnProcesses("dpkg-deb", ["--extract", newest, folder]);
  const sources = join(folder, "usr/src");
  const archive = (await readdir(sources)).find((file) => /^linux-source-[\d.]+\.tar\.xz$/.test(file)) as string;
  await inOwnProcesses("tar", ["--extract", "--file", join(sources, archive), "--directory", folder]);
  return join(folder, basename(archive, ".tar.xz"));
}

/** A kernel's own tools say nothing of words that they do not know, or that the kernel cannot have. */
async function configure(source: string, config: string, complete: () => Promise<unknown>): Promise<void> {
  const file = join(source, ".config");
  await writeFile(file, config);
  await complete();
  const has = new Set((await readFile(file, "utf8")).split("\n"));
  const lost = config.split("\n").filter((line) => line.startsWith("CONFIG_") && !has.has(line));
  if (lost.length > 0)
    throw new Error(`tools/kernel/config: Debian's kernel of ${RELEASE} cannot have ${lost.join(", ")}`);
}
