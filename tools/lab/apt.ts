import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/**
 * The package sources of a release of Debian, or of a part of one ("bookworm-backports"), one line each. They are this machine's
 * own if it uses that suite. Otherwise the suite takes the place of the machine's own release. No server is named here, so a
 * mirror or a proxy of this machine stays in force.
 */
export async function debianSources(suite: string): Promise<string[]> {
  const lines = await ownSources();
  const known = lines.filter((line) => new RegExp(` ${suite}(-updates|-security)? main$`).test(line));
  const release = lines.filter((line) => RELEASE.test(line));
  return known.length > 0 ? known : release.map((line) => line.replace(RELEASE, ` ${suite} main`)).slice(0, 1);
}

/** The name of the release that this machine's apt uses, "bookworm". */
export async function ownRelease(): Promise<string> {
  const [release] = (await ownSources()).flatMap((line) => RELEASE.exec(line)?.[1] ?? []);
  return release as string;
}

const RELEASE = / ([a-z]+) main$/;

async function ownSources(): Promise<string[]> {
  const format = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) $(COMPONENT)";
  const options = ["--format", format, "Created-By: Packages", "Origin: Debian"];
  const { stdout } = await execa("apt-get", ["indextargets", ...options]);
  const lines = [...new Set(stdout.split("\n"))];
  if (!lines.some((line) => RELEASE.test(line)))
    throw new Error(
      "lab: guests and kernels are made of Debian's packages, and this machine's apt knows no source of them (or apt-get update never ran)",
    );
  return lines;
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
