import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) => join("docs", name));

const guides = ["README.md", "DESIGN.md", "CONTRIBUTING.md", ...inDocs].filter((name) => name.endsWith(".md"));

/** A path of the checkout in code, without placeholders and without what is made: `provider/ipvs/ipvsadm.ts`. */
const PATH = /`((?:provider|sdk|test|tools|examples|docs)(?:\/\w[\w.-]*)+)`/g;

/** The paths that a guide names, as "guide: path". */
const named = guides.flatMap((guide) =>
  [...readFileSync(join(root, guide), "utf8").matchAll(PATH)].map(([, path]) => `${guide}: ${path}`),
);

test("the guides name files and folders that are there", () => {
  expect(named).toContain("DESIGN.md: provider/ipvs/ipvsadm.ts");
  expect(named.filter((one) => !existsSync(join(root, one.split(": ")[1] ?? "")))).toEqual([]);
});
