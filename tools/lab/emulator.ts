import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import semver from "semver";
import { cached } from "../cache.js";
import { phase } from "../progress.js";
import { debianSources, download, ownRelease } from "./apt.js";

/**
 * From this version on QEMU emulates x86 in two thirds of the time that 7.2 of Debian 12 takes, and starts a program in
 * a quarter of the time.
 */
const QUICK = "10.0.0";

/**
 * The packages are unpacked beside those of the machine, which stay as they are. The libraries that they need are those
 * of Debian 12's QEMU.
 */
const packages = ["qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios"];

/**
 * Returns the folder with the `usr` of a quicker QEMU than the machine's own, from Debian's backports, for guests that
 * are emulated. Returns undefined if the machine's own QEMU is as quick, or if there is no quicker one. In the second
 * case the lab prints that it takes longer.
 */
export async function quickEmulator(): Promise<string | undefined> {
  if (semver.gte(await version("qemu-system-x86_64"), QUICK)) return undefined;
  try {
    const suite = `${await ownRelease()}-backports`;
    const key = { suite, packages, builder: build.toString() + download.toString() };
    return await cached("emulator", key, (making) =>
      phase(`unpacking QEMU of ${suite} for the lab`, () => build(making, suite)),
    );
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.split("\n").at(-1) : String(cause);
    process.stderr.write(`▸ the lab takes this machine's own QEMU, which is slower than that of backports: ${said}\n`);
    return undefined;
  }
}

async function build(folder: string, suite: string): Promise<void> {
  const downloads = join(folder, "downloads");
  const sources = await debianSources(suite);
  const names = packages.map((name) => `${name}/${suite}`);
  for (const file of await download(downloads, sources, names)) await execa("dpkg-deb", ["--extract", file, folder]);
  await rm(downloads, { recursive: true });
  // This fails if the machine lacks a library.
  const found = await version(join(folder, "usr/bin/qemu-system-x86_64"));
  if (semver.lt(found, QUICK)) throw new Error(`backports have QEMU ${found.major}`);
}

/** A QEMU that prints no version counts as the oldest. */
async function version(qemu: string): Promise<semver.SemVer> {
  const { stdout } = await execa(qemu, ["--version"]);
  return semver.coerce(/version (\S+)/.exec(stdout)?.[1]) ?? new semver.SemVer("0.0.0");
}
