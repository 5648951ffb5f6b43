import { spawn } from "node:child_process";
import { whenLeaving } from "./leaving.js";

/**
 * Runs a program on the terminal of this process, and returns its exit status. It ends with this process. Most commands end
 * in this, often dozens one after the other: execa, which other files have, takes as long to load as all else that they need.
 */
export function runHere(
  program: string,
  args: readonly string[],
  { env, cwd }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<number> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...env }, ...(cwd && { cwd }) });
    const stay = whenLeaving(() => child.kill());
    child.on("error", failed);
    child.on("exit", (status) => {
      stay();
      done(status ?? 1);
    });
  });
}
