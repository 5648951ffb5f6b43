import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

// A command of Pulumi is run dozens of times a day, and by tests hundreds of times: what else the checkout's commands need
// takes longer to load than all that this one does.

const tools = join(__dirname, "../../tools");
const { imports } = JSON.parse(readFileSync(join(tools, "package.json"), "utf8"));

/** The packages that a file loads by itself, and the files that it loads. An `import()` loads later, or never. */
function loaded(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = readFileSync(file, "utf8");
  const names = [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)";/gms)].map(
    ([, name]) => name ?? "",
  );
  return names.flatMap((name) => {
    if (name in imports) return loaded(join(tools, imports[name]), seen);
    if (!name.startsWith(".")) return name.startsWith("node:") ? [] : [name];
    const source = join(dirname(file), name.replace(/\.js$/, ".ts"));
    return loaded(existsSync(source) ? source : join(dirname(file), name), seen);
  });
}

test.each(["bootstrap.mjs", "cli.ts"])("%s loads no package before a command asks for it", (file) => {
  expect(loaded(join(tools, file))).toEqual([]);
});

test("what loads a package is seen", () => {
  expect(loaded(join(tools, "others.ts"))).toEqual(expect.arrayContaining(["commander", "execa", "yaml"]));
});
