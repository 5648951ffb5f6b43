import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/**
 * This machine's own Debian package sources, one line each. No server is named here, so a mirror or a proxy of this
 * machine stays in force.
 */
export async function debianSources(suite: string): Promise<string[]> {
  const format = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) $(COMPONENT)";
  const { stdout } = await execa("apt-get", [
    "indextargets",
    "--format",
    format,
    "Created-By: Packages",
    "Origin: Debian",
  ]);
  const lines = [...new Set(stdout.split("\n"))].filter((line) =>
    new RegExp(` ${suite}(-updates|-security)? main$`).test(line),
  );
  if (lines.length === 0)
    throw new Error(
      `lab: the guest image is made of Debian ${suite} packages, and this machine's apt knows no source for them (or apt-get update never ran)`,
    );
  return lines;
}

/**
 * Returns this machine's sources of a suite, with another suite ("bookworm-backports") in its place. The machine itself
 * need not use the other suite.
 */
export async function sourcesBeside(suite: string, other: string): Promise<string[]> {
  const lines = await debianSources(suite);
  return lines
    .filter((line) => line.endsWith(` ${suite} main`))
    .map((line) => line.replace(/ \S+ main$/, ` ${other} main`));
}

/**
 * Returns an apt that has its own sources and lists. The machine's own apt is left alone.
 *
 * @param state a folder for the lists; it may be removed afterwards
 * @param options further options of apt, "Name=value"
 */
export async function privateApt(state: string, sources: readonly string[], options: readonly string[] = []) {
  await mkdir(join(state, "lists/partial"), { recursive: true });
  const list = join(state, "sources.list");
  await writeFile(list, `${sources.join("\n")}\n`);
  const all = [
    ...[`Dir::State=${state}`, `Dir::State::lists=${join(state, "lists")}`],
    ...["Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache="],
    ...[`Dir::Etc::SourceList=${list}`, "Dir::Etc::SourceParts=/dev/null"],
    ...["APT::Sandbox::User=root", "Acquire::Languages=none", "Debug::NoLocking=true"],
    // This machine's apt may be configured to remove its downloads after every run, as in container images.
    ...["DPkg::Post-Invoke=", "APT::Update::Post-Invoke=", "APT::Keep-Downloaded-Packages=true"],
    ...options,
  ].flatMap((option) => ["-o", option]);
  const apt = (args: readonly string[], where: { cwd?: string } = {}) => execa("apt-get", [...all, ...args], where);
  await apt(["update", "--quiet"]);
  return apt;
}

/** Downloads packages of these sources into a folder, without what they depend on. Returns the paths of the packages. */
export async function download(
  folder: string,
  sources: readonly string[],
  packages: readonly string[],
): Promise<string[]> {
  const state = `${folder}.apt`;
  await mkdir(folder, { recursive: true });
  const apt = await privateApt(state, sources);
  await apt(["download", "--quiet", ...packages], { cwd: folder });
  await rm(state, { recursive: true });
  return (await readdir(folder)).map((file) => join(folder, file));
}
