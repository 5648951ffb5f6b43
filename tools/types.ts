import { execa } from "execa";
import { root } from "./cache.js";
import { ensureToolchain } from "./toolchain/index.js";

/** Checks the types of the whole checkout, and returns the compiler's exit status. */
export async function types(): Promise<number> {
  // The tool chain's preparation compiles the packages, the tools and the examples, which checks their types.
  await ensureToolchain();
  const done = await execa("tsc", ["--noEmit", "-p", "test"], {
    ...{ cwd: root, preferLocal: true, stdio: "inherit", reject: false },
  });
  return done.exitCode ?? 1;
}
