import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Artefact, packed } from "../artefact";

/** The shop with another colour. */
export function repaintedShop(shop: string, colour: string): Artefact {
  return packed((app) => {
    execFileSync("tar", ["-xzf", shop, "-C", app]);
    const css = join(app, "static", "shop", "shop.css");
    writeFileSync(css, `${readFileSync(css, "utf8")}body { border-top: 1rem solid ${colour}; }\n`);
  });
}
