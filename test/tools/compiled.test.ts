import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// What makes the next command compile. Plain Node does it, as in a checkout.

const clone = mkdtempSync(join(tmpdir(), "lvs-compiled-"));
afterAll(() => rmSync(clone, { recursive: true }));

const CHANGES = {
  nothing: "",
  "a source's content": "write('sdk/host/a.ts', 'other')",
  "a source's content of the same length": "write('sdk/host/a.ts', 'OTHER')",
  "a new source": "write('sdk/host/b.ts', '')",
  "a source that is gone": "rmSync('sdk/host/b.ts')",
  "a source that moved": "renameSync('sdk/host/a.ts', 'sdk/a.ts')",
  "a compiled file that is gone": "rmSync('sdk/dist/a.js')",
  "the compiler's settings": "write('tsconfig.base.json', '{ }')",
  "what the tool chain generates": "write('sdks/libvirt/.generated-as', 'other')",
  "a package of npm": "write('tools/node_modules/execa/index.js', 'other')",
};

test("each change of what the compiler reads or wrote is seen, and nothing else", () => {
  cpSync(join(__dirname, "../../tools/compile.mjs"), join(clone, "tools/compile.mjs"));
  const script = `
    import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
    import { dirname } from "node:path";
    let time = 1;
    const write = (file, text) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      utimesSync(file, ++time, time);
    };
    for (const file of ["sdk/host/a.ts", "sdk/dist/a.js", "tsconfig.base.json", "sdks/libvirt/.generated-as", "tools/node_modules/execa/index.js"])
      write(file, "first");
    const state = async () => (await import("./tools/compile.mjs?" + ++time)).state();
    let before = await state();
    const seen = [];
    const told = async (what) => { const now = await state(); if (now !== before) seen.push(what); before = now; };
    ${Object.entries(CHANGES)
      .map(([what, how]) => `${how}; await told(${JSON.stringify(what)});`)
      .join("\n")}
    console.log(JSON.stringify(seen));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: clone, encoding: "utf8" });
  const unseen = ["nothing", "a package of npm"];
  expect(JSON.parse(said)).toEqual(Object.keys(CHANGES).filter((what) => !unseen.includes(what)));
});
