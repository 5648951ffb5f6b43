import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

// Other applications than the shop as it is: each is a folder that is packed, like any that a user would build.

const command = promisify(execFile);

export interface Artefact {
  readonly path: string;
  readonly sha256: string;
}

async function packed(name: string, fill: (folder: string) => Promise<void>): Promise<Artefact> {
  const place = await mkdtemp(join(tmpdir(), "lvs-artefact-"));
  const folder = join(place, "app");
  await mkdir(folder);
  await fill(folder);
  const path = join(place, `${name}.tar.gz`);
  await command("tar", ["-czf", path, "-C", folder, "."]);
  return {
    path,
    sha256: createHash("sha256")
      .update(await readFile(path))
      .digest("hex"),
  };
}

/** The shop with another colour. */
export function repaintedShop(shop: string, colour: string): Promise<Artefact> {
  return packed("repainted", async (folder) => {
    await command("tar", ["-xzf", shop, "-C", folder]);
    const css = join(folder, "static", "shop", "shop.css");
    await writeFile(css, `${await readFile(css, "utf8")}body { border-top: 1rem solid ${colour}; }\n`);
  });
}

/** A runtime of another kind: Node, with what it runs. */
export function nodeApplication(): Promise<Artefact> {
  return packed("node", async (folder) => {
    await cp(process.execPath, join(folder, "node"));
    await writeFile(
      join(folder, "server.js"),
      `const { createServer } = require("node:http");
      createServer((request, response) => response.end(request.url === "/readyz" ? "ready" : "hello from " + process.env.NAME))
        .listen(process.env.PORT, "127.0.0.1");\n`,
    );
  });
}
