import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/**
 * Releases a stack's lock that was left by a Pulumi that ended without releasing it: killed, or the machine went down. Pulumi
 * cannot tell such a lock from that of a run under way on another machine; in a folder of this machine the process tells.
 */
export async function releaseStaleLocks(backendFolder: string, project: string, stack: string): Promise<void> {
  const folder = join(backendFolder, ".pulumi", "locks", "organization", project, stack);
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    const lock = JSON.parse(await readFile(file, "utf8")) as { pid: number; hostname: string };
    if (lock.hostname === hostname() && !isRunning(lock.pid)) await rm(file, { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
