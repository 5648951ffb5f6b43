import { execa, type Options } from "execa";
import { whenLeaving } from "./leaving.js";

/**
 * The options of `unshare` for mount, process and IPC namespaces. The kernel ends every process there, and takes away what they
 * mounted and the memory that they shared, when the first of them ends.
 */
export const OWN_PROCESSES = ["--mount", "--ipc", "--pid", "--mount-proc", "--fork", "--kill-child"];

/** The options of `setpriv` for a command that ends with the process that started it, however that ends. */
export const ENDS_WITH_PARENT = ["--pdeathsig", "KILL"];

/**
 * Runs a command that starts and mounts much, as root. Nothing of it runs or is mounted any more when the command has ended,
 * and it ends with this process: before what `whenLeaving` was told earlier, such as the removal of what the command made.
 */
export async function inOwnProcesses(command: string, args: readonly string[], options: Options = {}): Promise<void> {
  const running = execa("setpriv", [...ENDS_WITH_PARENT, "unshare", ...OWN_PROCESSES, "--", command, ...args], options);
  const stay = whenLeaving(() => running.kill("SIGKILL"));
  try {
    await running;
  } finally {
    stay();
  }
}
