import { createHash } from "node:crypto";
import { cp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { isBallast } from "./ballast.js";
import { cached, root } from "./cache.js";
import { ensurePrograms, type Programs } from "./machine.js";
import { phase } from "./progress.js";

/** What is installed on servers. `path` is a tar.gz, whose name has the beginning of its `sha256`. */
export interface Artefact {
  readonly path: string;
  readonly sha256: string;
}

/**
 * Debian's own Python, whatever else is in the PATH. The servers have the same one, and binary packages are for one
 * version of Python.
 */
const python = "/usr/bin/python3";

/** The programs that build the shop. */
export const SHOP_PROGRAMS: Programs = {
  [python]: "python3",
  "/usr/bin/pip3": "python3-pip",
  tar: "tar",
  gzip: "gzip",
};

const source = join(root, "examples", "shop");

/**
 * Returns the shop of examples/shop, with everything that it needs on a server with Debian's python3. Builds the shop
 * where that is not done yet.
 */
export async function ensureArtefact(): Promise<Artefact> {
  await ensurePrograms("shop", SHOP_PROGRAMS);
  const { stdout: version } = await execa(python, ["-I", "--version"]);
  if (!version.startsWith("Python 3.11."))
    throw new Error(`shop: ${python} is ${version}; the shop is built with Python 3.11, that of Debian 12`);
  const builders = [import.meta.url, new URL("ballast.js", import.meta.url)];
  const builder = await Promise.all(builders.map((url) => readFile(fileURLToPath(url), "utf8")));
  const key = { files: await digests(source), builder, version };
  const folder = await cached("shop", key, (making) => phase("building the shop", () => build(making)));
  const [name] = await readdir(folder);
  if (!name) throw new Error(`shop: ${folder} is empty; remove it and try again`);
  return { path: join(folder, name), sha256: digest(await readFile(join(folder, name))) };
}

async function build(folder: string): Promise<void> {
  const site = join(folder, "site");
  await installPackages(join(folder, "build"), join(site, "lib"));
  for (const name of ["manage.py", "gunicorn.conf.py", "shop"])
    await cp(join(source, name), join(site, name), {
      recursive: true,
      filter: (path) => !path.endsWith("__pycache__"),
    });
  await cp(join(source, "pictures"), join(site, "media", "products"), { recursive: true });
  await collectStatic(site);
  await dropBallast(site);
  await compile(site);
  const packed = join(folder, "site.tar.gz");
  await pack(site, packed);
  await rename(packed, join(folder, `shop-${digest(await readFile(packed)).slice(0, 16)}.tar.gz`));
  await rm(site, { recursive: true });
}

/** Installs the Python packages. The content of each is compared with the hash in the requirements. */
async function installPackages(builders: string, lib: string): Promise<void> {
  const pip = (requirements: string, target: string) =>
    execa(
      python,
      [
        ...["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--root-user-action=ignore"],
        ...["--require-hashes", "--no-deps", "--no-build-isolation", "--no-compile", "--target", target],
        ...["--requirement", join(source, requirements)],
      ],
      // With build isolation, pip would fetch a source package's builders by itself, and would compare no hashes.
      { env: { PYTHONPATH: builders, PYTHONNOUSERSITE: "1" } },
    );
  await pip("requirements-build.txt", builders);
  await pip("requirements.txt", lib);
  await rm(builders, { recursive: true });
}

async function collectStatic(site: string): Promise<void> {
  const env = { SECRET_KEY: "of no use", DATABASE_URL: "sqlite:////nonexistent", PYTHONDONTWRITEBYTECODE: "1" };
  await execa(python, ["-s", "manage.py", "collectstatic", "--no-input"], {
    cwd: site,
    env: { ...env, PYTHONPATH: "" },
  });
}

/** Removes what the shop never opens, because the artefact goes to emulated machines over a slow line. */
async function dropBallast(site: string): Promise<void> {
  const files = await filesOf(site);
  const all = new Set(files);
  for (const file of files) if (isBallast(file, all)) await rm(join(site, file));
  // Folders without files would be more than a third of what is packed.
  await execa("find", [site, "-type", "d", "-empty", "-delete"]);
}

/**
 * Compiles to bytecode that Python takes without looking at the source's time. The archive has no times, and servers
 * need not write bytecode. Paths in the bytecode are those of the archive.
 */
async function compile(site: string): Promise<void> {
  const flags = ["--invalidation-mode", "unchecked-hash", "-q", "-s", site];
  // The order of a set of strings differs from run to run, and would show in the bytecode.
  const env = { PYTHONHASHSEED: "0", PYTHONPATH: "" };
  await execa(python, ["-s", "-m", "compileall", ...flags, site], { env });
}

async function pack(site: string, target: string): Promise<void> {
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX", "--mtime=@0"];
  const names = (await readdir(site)).sort();
  const command = ["tar", "--create", "--format=gnu", "--sort=name", ...owner, "--directory", site, ...names];
  await execa("sh", ["-c", 'target=$1; shift; "$@" | gzip -n -9 > "$target"', "sh", target, ...command]);
}

/** A digest of each file, by its path. */
async function digests(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of await filesOf(folder))
    if (!file.includes("__pycache__")) found[file] = digest(await readFile(join(folder, file)));
  return found;
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function digest(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
