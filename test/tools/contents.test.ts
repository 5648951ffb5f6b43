import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

jest.mock("../../tools/cache.js", () => ({ root: "/checkout" }), { virtual: true });
jest.mock("../../tools/node_modules/execa/index.js", () => ({}));

type Module = typeof import("../../tools/lab/contents.js", { with: { "resolution-mode": "import" }});

const { digestOfSources }: Module = jest.requireActual("../../tools/lab/contents");

const folder = mkdtempSync(join(tmpdir(), "lvs-contents-"));
afterAll(() => rmSync(folder, { recursive: true }));

const source = "export const bridge: string = 'br-lan // 1';\n";
const script = "#!/bin/sh\nip link\n";

/** The digest of a folder with these two files. */
async function digest(files: { "lab.ts"?: string; "image/init"?: string }): Promise<string> {
  mkdirSync(join(folder, "image"), { recursive: true });
  for (const [name, text] of Object.entries({ "lab.ts": source, "image/init": script, ...files }))
    writeFileSync(join(folder, name), text);
  return digestOfSources([folder]);
}

test.each([
  ["nothing", source],
  ["comments", `/** The bridge. */\n// Of the LAN.\n${source}`],
  ["the layout", "export const bridge: string =\n  'br-lan // 1';\n"],
])("where %s of a source changed, the digest stays", async (_, text) => {
  expect(await digest({ "lab.ts": text })).toBe(await digest({}));
});

test.each([
  ["a text", { "lab.ts": source.replace("lan", "wan") }],
  ["what looks like a comment in a text", { "lab.ts": source.replace("// 1", "/* 1") }],
  ["a script", { "image/init": `${script}# more\n` }],
])("where %s changed, the digest is another one", async (_, files) => {
  expect(await digest(files)).not.toBe(await digest({}));
});
