import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export const TOOL = "ours, whole `pulumi`";

/** Runs Pulumi, and counts what it did on hosts. */
export async function counted<T>(folder: string, work: () => Promise<T>) {
  const trace = join(folder, "trace");
  rmSync(trace, { force: true });
  process.env.LVS_TRACE = trace;
  const start = performance.now();
  try {
    const result = await work();
    const seconds = (performance.now() - start) / 1000;
    const lines = read(trace).map((line) => JSON.parse(line) as { event: string });
    const count = (event: string) => lines.filter((line) => line.event === event).length;
    return { result, seconds, counts: `${count("dial")} connections, ${count("exec")} scripts` };
  } finally {
    delete process.env.LVS_TRACE;
  }
}

function read(file: string): string[] {
  try {
    return readFileSync(file, "utf8").trim().split("\n");
  } catch {
    return [];
  }
}
