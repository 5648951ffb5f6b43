import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Module = typeof import("../../tools/toolchain/official.js", { with: { "resolution-mode": "import" }});

let mockVersion: string;
jest.mock("../../tools/node_modules/execa/index.js", () => ({
  execa: async () => ({ stdout: mockVersion, failed: false }),
}));
jest.mock("../../tools/cache.js", () => ({ cacheFolder: "/cache" }), { virtual: true });
jest.mock("../../tools/toolchain/versions.js", () => ({ oldestPulumi: "3.248.0" }), { virtual: true });

const { officialToolchain } = jest.requireActual<Module>("../../tools/toolchain/official");

const PATH = process.env.PATH;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lvs-official-test-"));
  for (const name of ["pulumi", "pulumi-language-nodejs"]) {
    writeFileSync(join(folder, name), "");
    chmodSync(join(folder, name), 0o755);
  }
  process.env.PATH = folder;
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

test.each([
  ["v3.248.0", true],
  ["v3.248.1", true],
  ["v3.1000.0", true],
  ["v4.0.0", true],
  ["v3.249.0-alpha.1", true],
  ["v3.248.0-dev.0\n", true],
  ["v3.247.9", false],
  ["v3.99.0", false],
  ["v2.300.0", false],
  ["", false],
  ["pulumi", false],
])("a release that says %j is taken: %s", async (said, taken) => {
  mockVersion = said;
  expect((await officialToolchain())?.pulumi).toBe(taken ? join(folder, "pulumi") : undefined);
});

test("a release without the language host for Node.js is not taken", async () => {
  mockVersion = "v3.248.0";
  rmSync(join(folder, "pulumi-language-nodejs"));
  expect(await officialToolchain()).toBeUndefined();
});

test("where no release is installed, none is found", async () => {
  rmSync(join(folder, "pulumi"));
  expect(await officialToolchain()).toBeUndefined();
});
