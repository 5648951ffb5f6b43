import { fstatSync } from "node:fs";

let watching = false;

/**
 * Ends Pulumi's dynamic-provider process when its engine ends. The engine holds the other end of the process's standard input.
 * A killed engine does not end this process by itself: the operations would go on at the same time as those of the next `up`.
 * In other processes this function does nothing.
 */
export function endWithEngine(): void {
  if (watching || !process.argv[1]?.includes("dynamic-provider")) return;
  watching = true;
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  const end = () => process.exit(1);
  process.stdin.on("end", end).on("error", end).resume();
}
