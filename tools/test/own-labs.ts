import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../cache.js";
import { place } from "../lab/place.js";
import { whenLeaving } from "../leaving.js";

/**
 * Runs tests that bring up the labs of these stacks. None is up afterwards, also when a signal ends this process. With
 * LVS_KEEP_LAB they stay.
 */
export async function withLabs<T>(stacks: readonly string[], run: () => Promise<T>): Promise<T> {
  const end = () => {
    if (!process.env.LVS_KEEP_LAB) stacks.filter((stack) => existsSync(place(stack).system)).forEach(takeDown);
  };
  const stay = whenLeaving(end);
  try {
    return await run();
  } finally {
    stay();
    end();
  }
}

/** In a session of its own: another Ctrl-C would end it, and it must not write to a terminal or a pipe that has gone. */
function takeDown(stack: string): void {
  const down = [process.execPath, join(root, "tools", "bootstrap.mjs"), "lab", "down", stack];
  const { status, output } = spawnSync("setsid", ["--wait", ...down], { cwd: root, encoding: "utf8" });
  if (status !== 0)
    console.error(`The lab ${stack} is still up: npm run lab -- down ${stack}\n${output?.join("") ?? ""}`);
}
