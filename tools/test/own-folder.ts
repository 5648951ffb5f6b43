import { rmSync } from "node:fs";
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeAfterKill, whenLeaving } from "../leaving.js";

/** The options of a command that has a process group and a temporary folder of its own. */
export interface Own {
  readonly detached: true;
  readonly env: { readonly TMPDIR: string };
}

/**
 * Starts a command with a temporary folder of its own, which is removed at the end. What the command left running in its
 * process group is killed then. When a signal ends this process, all processes of the command are killed at once.
 *
 * @param elsewhere files that the command makes elsewhere. They go with the folder, and none is there at the beginning.
 * @param above where the folder is made
 */
export async function withOwnFolder<T>(
  start: (own: Own) => Promise<T> & { readonly pid?: number },
  elsewhere: readonly string[] = [],
  above = tmpdir(),
): Promise<T> {
  for (const file of elsewhere) rmSync(file, { force: true });
  const folder = await mkdtemp(join(above, "lvs-test-"));
  await chmod(folder, 0o1777);
  const remove = () => {
    for (const file of elsewhere) rmSync(file, { force: true });
    removeAfterKill(folder);
  };
  let leader: number | undefined;
  const stay = whenLeaving(() => {
    killGroup(leader);
    remove();
  });
  try {
    const command = start({ detached: true, env: { TMPDIR: folder } });
    leader = command.pid;
    return await command;
  } finally {
    stay();
    killGroup(leader);
    remove();
  }
}

function killGroup(leader: number | undefined): void {
  try {
    if (leader) process.kill(-leader, "SIGKILL");
  } catch {
    // The command has ended already.
  }
}
