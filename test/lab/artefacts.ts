import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Artefact, packed } from "../artefact";

// Applications other than the shop as it is.

/** The shop with another colour. */
export function repaintedShop(shop: string, colour: string): Artefact {
  return packed((app) => {
    execFileSync("tar", ["-xzf", shop, "-C", app]);
    const css = join(app, "static", "shop", "shop.css");
    writeFileSync(css, `${readFileSync(css, "utf8")}body { border-top: 1rem solid ${colour}; }\n`);
  });
}

/** An application with another runtime: Node. */
export function nodeApplication(): Artefact {
  return packed((app) => {
    cpSync(process.execPath, join(app, "node"));
    writeFileSync(
      join(app, "server.js"),
      `const { createServer } = require("node:http");
      createServer((request, response) => response.end(request.url === "/readyz" ? "ready" : "hello from " + process.env.NAME))
        .listen(process.env.PORT, "127.0.0.1");\n`,
    );
  });
}
