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
    const lock = await readLock(file);
    if (lock?.hostname === hostname() && !(await isRunning(lock.pid))) await rm(file, { force: true });
  }
}

/** Nothing if the run that holds it ended meanwhile, or has not written all of it yet: then it is not stale. */
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
    // One that has ended stays a zombie until its parent asks for it, which in a container may be never.
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    return !/\) Z /.test(stat);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
