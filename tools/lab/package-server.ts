import { readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { inNamespace, processesIn } from "./namespace.js";
import type { Place } from "./place.js";
import { packagesPort } from "./topology.js";

/**
 * Serves the guests' packages by HTTP on every address of the lab's namespace. Nothing outside the lab can reach the
 * server.
 */
export async function ensurePackageServer(lab: Place, busybox: string, packages: string): Promise<void> {
  if (await serves(lab, packages)) return;
  await endPackageServer(lab);
  // The configuration is empty. Its path distinguishes this lab's server from others when the server has to be found
  // without its namespace.
  const configuration = join(lab.system, "httpd.conf");
  await writeFile(configuration, "");
  // busybox's httpd goes into the background, and changes into the folder that it serves.
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
