import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cached } from "../cache.js";
import { phase } from "../progress.js";
import { debianSources, privateApt } from "./apt.js";
import { type Image, packageLists } from "./image.js";

/**
 * Returns the folder of an apt repository with everything that the product installs in guests and the image lacks.
 * Dependencies are resolved against the image's own package database. So the repository is complete and no larger than
 * necessary.
 */
export async function ensurePackages(image: Image): Promise<string> {
  const { suite, inRepository } = await packageLists(image.debian);
  const status = createHash("sha256")
    .update(await readFile(image.status))
    .digest("hex");
  const key = { inRepository, status, builder: build.toString() + repack.toString(), LEFT_OUT };
  return cached("packages", key, (making) =>
    phase(`downloading the guests' packages, Debian ${image.debian}`, () => build(making, image, suite, inRepository)),
  );
}

async function build(folder: string, image: Image, suite: string, packages: readonly string[]): Promise<void> {
  const state = join(folder, "apt");
  await mkdir(join(folder, "partial"), { recursive: true });
  const apt = await privateApt(state, await debianSources(suite), [
    `Dir::State::status=${image.status}`,
    `Dir::Cache::archives=${folder}`,
  ]);
  // The packages are resolved one at a time: alternatives (nginx, nginx-light) exclude each other in one transaction.
  for (const name of packages)
    await apt(["install", "--quiet", "--yes", "--no-install-recommends", "--download-only", name]);
  await rm(state, { recursive: true });
  await rm(join(folder, "partial"), { recursive: true });
  await rm(join(folder, "lock"), { force: true });
  await repack(folder);
  await index(folder);
  await chmod(folder, 0o755);
}

/** From this number of bytes on, a package is compressed otherwise. */
const LARGE = 300_000;

/**
 * The folders that the guests' dpkg leaves out of every package (see image/customize). PostgreSQL's scripts need a
 * minute for their manual pages.
 */
const LEFT_OUT = ["doc", "locale", "man"].map((name) => join("usr", "share", name));

/** Compresses packages by zstd: an emulated guest unpacks Debian's xz three times as slowly. */
async function repack(folder: string): Promise<void> {
  const unpacked = join(folder, "unpacked");
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".deb"))) {
    const file = join(folder, name);
    if ((await stat(file)).size < LARGE) continue;
    await execa("dpkg-deb", ["--raw-extract", file, unpacked]);
    for (const left of LEFT_OUT) await rm(join(unpacked, left), { recursive: true, force: true });
    await execa("dpkg-deb", ["-Zzstd", "--build", unpacked, file]);
    await rm(unpacked, { recursive: true });
  }
}

async function index(folder: string): Promise<void> {
  const { stdout } = await execa("apt-ftparchive", ["packages", "."], { cwd: folder, stripFinalNewline: false });
  await writeFile(join(folder, "Packages"), stdout);
  const release = await execa("apt-ftparchive", ["release", "."], { cwd: folder });
  await writeFile(join(folder, "Release"), `${release.stdout}\n`);
  if (!(await readFile(join(folder, "Packages"), "utf8")).includes("\nFilename: "))
    throw new Error("lab: no packages were downloaded for the guests");
}
