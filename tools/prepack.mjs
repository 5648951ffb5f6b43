// What `npm pack` needs beside what the packages' folders have: compiled code, and the licence. `--remove` takes away
// again what git does not have there. `npm run release` has compiled already, once for all packages.
import { spawnSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (process.argv.includes("--remove")) rmSync("LICENSE", { force: true });
else {
  // Standard output belongs to npm, which prints the tarball's name there.
  const built = process.env.LVS_COMPILED
    ? { status: 0 }
    : spawnSync(process.execPath, [join(root, "tools", "bootstrap.mjs"), "build"], {
        cwd: root,
        stdio: ["ignore", 2, 2],
      });
  if (built.status !== 0) process.exit(built.status ?? 1);
  copyFileSync(join(root, "LICENSE"), "LICENSE");
}
