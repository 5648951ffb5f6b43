import { mkdir, rm } from "node:fs/promises";
import { debianSources } from "./lab/apt.js";
import { inOwnProcesses } from "./own-processes.js";

/** What a folder with the files of a small Debian has. */
export interface DebianFiles {
  /** The release's name, as packages' sources have it. */
  readonly suite: string;
  /** The packages beside those that no Debian is without. */
  readonly packages: readonly string[];
  /** Shell commands that are run at the end; `"$1"` is the folder. */
  readonly hooks?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Makes a folder with the files of a small Debian, without documentation. */
export async function makeDebianFiles(
  folder: string,
  { suite, packages, hooks = [], env }: DebianFiles,
): Promise<void> {
  const options = [
    ...["--mode=root", "--variant=minbase", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"],
    ...["doc", "man", "locale"].map((part) => `--dpkgopt=path-exclude=/usr/share/${part}/*`),
    ...hooks.map((hook) => `--customize-hook=${hook}`),
    `--include=${packages.join(",")}`,
  ];
  const temporary = `${folder}.tmp`;
  await mkdir(temporary, { recursive: true });
  await inOwnProcesses("mmdebstrap", [...options, suite, folder, "-"], {
    input: `${(await debianSources(suite)).join("\n")}\n`,
    env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive", TMPDIR: temporary, ...env },
  });
  await rm(temporary, { recursive: true });
}
