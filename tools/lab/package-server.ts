import { readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { inNamespace, processesIn } from "./namespace.js";
import type { Place } from "./place.js";
import { packagesPort } from "./topology.js";

/** Serves the guests' packages over http on every address of the lab's namespace, where nothing but the lab can reach it. */
export async function ensurePackageServer(lab: Place, busybox: string, packages: string): Promise<void> {
  if (await serves(lab, packages)) return;
  await endPackageServer(lab);
  // An empty configuration, whose path tells this lab's server from another's if it must be found without its namespace.
  const configuration = join(lab.system, "httpd.conf");
  await writeFile(configuration, "");
  // busybox's httpd puts itself in the background and changes into the folder it serves.
  await inNamespace(
    lab.namespace,
    busybox,
    ["httpd", "-p", String(packagesPort), "-c", configuration, "-h", packages],
    { stdio: "ignore" },
  );
  if (!(await serves(lab, packages)))
    throw new Error(`lab ${lab.stack}: the package server does not answer on port ${packagesPort}`);
}

async function serves(lab: Place, packages: string): Promise<boolean> {
  if ((await serverProcess(lab))?.folder !== packages) return false;
  const url = `http://127.0.0.1:${packagesPort}/Release`;
  const { exitCode } = await inNamespace(
    lab.namespace,
    "curl",
    ["--silent", "--fail", "--max-time", "5", "--output", "/dev/null", url],
    {
      reject: false,
    },
  );
  return exitCode === 0;
}

async function endPackageServer(lab: Place): Promise<void> {
  const server = await serverProcess(lab);
  if (server) process.kill(server.pid, "SIGTERM");
}

async function serverProcess(lab: Place): Promise<{ pid: number; folder: string } | undefined> {
  for (const pid of await processesIn(lab.namespace)) {
    const { stdout } = await execa("cat", [`/proc/${pid}/cmdline`], { reject: false });
    if (stdout.includes("\0httpd\0")) return { pid, folder: await readlink(`/proc/${pid}/cwd`) };
  }
  return undefined;
}
