import { join } from "node:path";
import { root } from "../cache.js";

/** What each Node process that Pulumi starts loads first: see there. */
const later = join(root, "tools", "toolchain", "later.cjs");

/** Has the processes that Pulumi starts load less. Whatever else somebody told Node stays. */
export function quickStart(): { NODE_OPTIONS: string } {
  return { NODE_OPTIONS: [process.env.NODE_OPTIONS, `--require ${JSON.stringify(later)}`].filter(Boolean).join(" ") };
}
