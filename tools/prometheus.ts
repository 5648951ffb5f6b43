import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cached } from "./cache.js";
import { EXPORTING } from "./kernel/index.js";
import { debianSources, download } from "./lab/apt.js";
import { phase } from "./progress.js";

/** Prometheus with promtool: the release is one whose package has both. */
const SERVER = { suite: "bookworm", package: "prometheus" };

/** What a host gets, of its own release. */
const EXPORTER = { suite: EXPORTING, package: "prometheus-node-exporter" };

/**
 * Returns a folder with Debian's `prometheus` and `promtool`, and with `exporter`: the exporter's files, and its `control` as
 * dpkg has it. Nothing is installed on this machine: the packages would start servers here, for everybody.
 */
export function ensurePrometheus(): Promise<string> {
  const key = { SERVER, EXPORTER, builder: [build, unpack, download].join("") };
  return cached("prometheus", key, (making) => phase("unpacking Prometheus for tests", () => build(making)));
}

async function build(folder: string): Promise<void> {
  const [server, exporter] = [join(folder, "server"), join(folder, "exporter")];
  await unpack(server, SERVER);
  const fields = await unpack(exporter, EXPORTER);
  await writeFile(join(exporter, "control"), `${fields}\nStatus: install ok installed\n`);
  for (const program of ["prometheus", "promtool"])
    await rename(join(server, "usr", "bin", program), join(folder, program));
  await rm(server, { recursive: true });
}

/** Returns the package's fields as dpkg has them. */
async function unpack(folder: string, { suite, package: name }: typeof SERVER): Promise<string> {
  const downloads = `${folder}.deb`;
  const [file] = (await download(downloads, await debianSources(suite), [name])) as [string];
  await execa("dpkg-deb", ["--extract", file, folder]);
  const { stdout } = await execa("dpkg-deb", ["--field", file]);
  await rm(downloads, { recursive: true });
  return stdout;
}
