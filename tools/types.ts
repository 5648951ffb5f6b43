import { execa } from "execa";
import { root } from "./cache.js";
import { ensureToolchain } from "./toolchain/index.js";

/** Checks the types of the whole checkout; the exit status is the compiler's. */
export async function types(): Promise<number> {
  // Compiles the packages, the tools and the examples: that checks their types.
  await ensureToolchain();
  const done = await execa("tsc", ["--noEmit", "-p", "test"], {
    ...{ cwd: root, preferLocal: true, stdio: "inherit", reject: false },
  });
  return done.exitCode ?? 1;
}
