import { readFileSync } from "node:fs";

/**
 * The processor of a worker's kernels, of those that this process may use. A kernel and its hosts' programs are processes that
 * take turns. On two processors each turn would begin with the other processor's wake-up, which takes longer than most turns.
 */
export function processorOf(worker: number, status = readFileSync("/proc/self/status", "utf8")): string {
  const [, allowed = "0"] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status) ?? [];
  const processors = allowed.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, n) => first + n);
  });
  return String(processors[worker % processors.length]);
}
