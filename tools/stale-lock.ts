import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/**
 * Releases a stack's lock that a Pulumi left behind: the process was killed, or the machine went down. Pulumi itself
 * cannot tell such a lock from that of a run on another machine. In a backend that is a folder of this machine, the
 * process that the lock names shows the difference.
 */
export async function releaseStaleLocks(backendFolder: string, project: string, stack: string): Promise<void> {
  const folder = join(backendFolder, ".pulumi", "locks", "organization", project, stack);
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    const lock = await readLock(file);
    if (lock?.hostname === hostname() && !(await isRunning(lock.pid))) await rm(file, { force: true });
  }
}

/**
 * Returns undefined if the run that holds the lock ended meanwhile, or has not written all of the lock yet. The lock is
 * not stale then.
 */
async function readLock(file: string): Promise<{ pid: number; hostname: string } | undefined> {
  try {
    const lock = JSON.parse(await readFile(file, "utf8"));
    return Number.isInteger(lock?.pid) ? lock : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    // A process that has ended stays a zombie until its parent collects its status. In a container this may never
    // happen.
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    return !/\) Z /.test(stat);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
