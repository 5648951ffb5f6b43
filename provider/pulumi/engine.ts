import { fstatSync } from "node:fs";

let watching = false;

/**
 * Ends Pulumi's dynamic-provider process with its engine, which holds the other end of the process's standard input. An engine that is
 * killed tells nobody: what is under way would go on unseen, beside the `up` that resumes it. In other processes it does nothing.
 */
export function endWithEngine(): void {
  if (watching || !process.argv[1]?.includes("dynamic-provider")) return;
  watching = true;
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  const end = () => process.exit(1);
  process.stdin.on("end", end).on("error", end).resume();
}
