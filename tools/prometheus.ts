import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { execa } from "execa";
import { cached } from "./cache.js";
import { debianSources, download } from "./lab/apt.js";
import { phase } from "./progress.js";

/** The release that the hosts of the tier kernel have. */
const SUITE = "bookworm";

const EXPORTER = "prometheus-node-exporter";

/** Prometheus with promtool, and the exporter that a host gets. */
const PACKAGES = ["prometheus", EXPORTER];

/**
 * Returns a folder with Debian's `prometheus` and `promtool`, and with `exporter`: the exporter's files, and its `control` as
 * dpkg has it. Nothing is installed on this machine: the packages would start servers here, for everybody.
 */
export function ensurePrometheus(): Promise<string> {
  const key = { SUITE, PACKAGES, builder: build.toString() + download.toString() };
  return cached("prometheus", key, (making) => phase("unpacking Prometheus for tests", () => build(making)));
}

async function build(folder: string): Promise<void> {
  const [files, exporter] = [join(folder, "files"), join(folder, "exporter")];
  await mkdir(exporter);
  for (const file of await download(files, await debianSources(SUITE), PACKAGES)) {
    const ofExporter = basename(file).startsWith(`${EXPORTER}_`);
    await execa("dpkg-deb", ["--extract", file, ofExporter ? exporter : files]);
    if (!ofExporter) continue;
    const { stdout } = await execa("dpkg-deb", ["--field", file]);
    await writeFile(join(exporter, "control"), `${stdout}\nStatus: install ok installed\n`);
  }
  for (const program of ["prometheus", "promtool"])
    await rename(join(files, "usr", "bin", program), join(folder, program));
  await rm(files, { recursive: true });
}
