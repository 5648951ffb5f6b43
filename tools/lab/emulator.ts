import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import semver from "semver";
import { cached } from "../cache.js";
import { phase } from "../progress.js";
import { privateApt, sourcesBeside } from "./apt.js";

/** From this one on QEMU emulates x86 in two thirds of the time that Debian 12's 7.2 takes (a program's start in a quarter). */
const QUICK = "10.0.0";

/** Unpacked beside the machine's own, which stay as they are; what they are linked with is what Debian 12's QEMU has. */
const packages = ["qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios"];

/**
 * The folder that holds `usr` of a quicker QEMU than the machine's own, out of Debian's backports, for guests that are
 * emulated. Nothing if the machine's own is as quick, or if it cannot be had: the lab then only takes longer, and says so.
 */
export async function quickEmulator(suite: string): Promise<string | undefined> {
  if (semver.gte(await version("qemu-system-x86_64"), QUICK)) return undefined;
  try {
    const key = { suite, packages, builder: build.toString() };
    return await cached("emulator", key, (making) =>
      phase(`unpacking QEMU of ${suite}-backports for the lab`, () => build(making, suite)),
    );
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.split("\n").at(-1) : String(cause);
    process.stderr.write(`▸ the lab takes this machine's own QEMU, which is slower than that of backports: ${said}\n`);
    return undefined;
  }
}

async function build(folder: string, suite: string): Promise<void> {
  const downloads = join(folder, "downloads");
  await mkdir(downloads);
  const apt = await privateApt(join(folder, "apt"), await sourcesBeside(suite, `${suite}-backports`));
  await apt(["download", "--quiet", ...packages.map((name) => `${name}/${suite}-backports`)], { cwd: downloads });
  for (const file of await readdir(downloads)) await execa("dpkg-deb", ["--extract", join(downloads, file), folder]);
  await rm(downloads, { recursive: true });
  await rm(join(folder, "apt"), { recursive: true });
  // A library that this machine lacks shows here.
  const found = await version(join(folder, "usr/bin/qemu-system-x86_64"));
  if (semver.lt(found, QUICK)) throw new Error(`backports have QEMU ${found.major}`);
}

/** One that does not say what it is counts as the oldest. */
async function version(qemu: string): Promise<semver.SemVer> {
  const { stdout } = await execa(qemu, ["--version"]);
  return semver.coerce(/version (\S+)/.exec(stdout)?.[1]) ?? new semver.SemVer("0.0.0");
}
