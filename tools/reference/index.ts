import { join } from "node:path";
import { execa } from "execa";
import { root } from "../cache.js";
import { ensureToolchain } from "../toolchain/index.js";

/** Makes the reference, and says what is missing in it. It reads what the tool chain generates: the lab's types. */
export const MAKE_REFERENCE = ["typedoc", "--options", "tools/dist/reference/typedoc.config.js"] as const;

/** Makes the reference of the SDK as a static site, and says where it lies. What it leaves is the exit status. */
export async function reference(): Promise<number> {
  await ensureToolchain();
  const [command, ...args] = MAKE_REFERENCE;
  const done = await execa(command, args, { cwd: root, preferLocal: true, stdio: "inherit", reject: false });
  if (done.exitCode === 0) console.log(join(root, "docs", ".site", "index.html"));
  return done.exitCode ?? 1;
}
