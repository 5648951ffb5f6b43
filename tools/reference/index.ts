import { join } from "node:path";
import { execa } from "execa";
import { root } from "../cache.js";
import { ensureToolchain } from "../toolchain/index.js";

/**
 * The command that makes the reference and prints what is missing in it. The command reads the lab's types, which the
 * tool chain generates.
 */
export const MAKE_REFERENCE = ["typedoc", "--options", "tools/dist/reference/typedoc.config.js"] as const;

/** Makes the reference of the SDK as a static site, prints where the site is, and returns the exit status. */
export async function reference(): Promise<number> {
  await ensureToolchain();
  const [command, ...args] = MAKE_REFERENCE;
  const done = await execa(command, args, { cwd: root, preferLocal: true, stdio: "inherit", reject: false });
  if (done.exitCode === 0) console.log(join(root, "docs", ".site", "index.html"));
  return done.exitCode ?? 1;
}
