// The npm packages of the checkout. Npm takes a quarter of a minute to unpack them, also from its own cache; a copy of what npm
// unpacked for another checkout takes a second. This file is plain Node, because nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import cachePlace from "./cache-place.cjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What says of a checkout which packages it has. */
const STAMP = "node_modules/.lvs-installed";

/**
 * Makes sure that the packages of package-lock.json are in the checkout.
 *
 * @returns whether npm made them, so that they are to be kept
 */
export function installPackages() {
  const kept = cachePlace.placeOf(...entry());
  const stamp = join(root, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === basename(kept)) return false;
  for (const folder of folders()) rmSync(join(root, folder), { recursive: true, force: true });
  const copied = cachePlace.use(kept) && copy(kept, root);
  if (!copied) npmInstalls();
  writeFileSync(stamp, basename(kept));
  return !copied;
}

/**
 * Keeps the packages that npm made, for other checkouts.
 *
 * @param cached the function of cache.ts, which is compiled by now
 */
export async function keepPackages(cached) {
  const keep = async (making) => {
    if (!copy(root, making)) throw new Error(`the npm packages of ${root} could not be copied to ${making}`);
    // The stamp is the last thing that a checkout gets.
    rmSync(join(making, STAMP));
  };
  // Npm can make them again.
  await cached(...entry(), keep).catch(({ message }) => console.error(`The npm packages are not kept: ${message}`));
}

function npmInstalls() {
  console.error("▸ installing npm packages");
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund"];
  const done = spawnSync("npm", args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  if (done.status !== 0)
    throw new Error(
      `Installing the npm packages failed: npm ${args.join(" ")}\n${done.error ?? ""}${done.stdout}${done.stderr}`,
    );
}

const text = (file) => readFileSync(join(root, file), "utf8");

const parts = () => ["", ...JSON.parse(text("package.json")).workspaces];

/** The folders of packages: that of the checkout, and those of its parts. */
const folders = () => parts().map((part) => join(part, "node_modules"));

/** What npm judges package-lock.json by. */
function asked(part) {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies, overrides } = JSON.parse(
    text(join(part, "package.json")),
  );
  return { dependencies, devDependencies, optionalDependencies, peerDependencies, overrides };
}

function entry() {
  const lock = text("package-lock.json");
  return ["npm-packages", [lock, parts().map(asked), process.version, process.platform, process.arch]];
}

/** Copies the packages of one folder to another. `cp` itself says what it could not do. */
function copy(from, to) {
  return folders()
    .filter((folder) => existsSync(join(from, folder)))
    .every((folder) => {
      const target = join(to, dirname(folder));
      mkdirSync(target, { recursive: true });
      return (
        spawnSync("cp", ["-a", join(from, folder), target], { stdio: ["ignore", "ignore", "inherit"] }).status === 0
      );
    });
}
