import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Module = typeof import("../../tools/lab/emulator.js", { with: { "resolution-mode": "import" }});

const mockExeca = jest.fn();
jest.mock("../../tools/node_modules/execa/index.js", () => ({ execa: mockExeca }));
jest.mock("../../tools/progress.js", () => ({ phase: (_: string, work: () => unknown) => work() }), { virtual: true });
jest.mock("../../tools/lab/apt.js", () => jest.requireActual("../../tools/lab/apt"), { virtual: true });

const mockCached = jest.fn();
jest.mock("../../tools/cache.js", () => ({ cached: mockCached }), { virtual: true });

const { quickEmulator } = jest.requireActual<Module>("../../tools/lab/emulator");

const sources = [
  "deb [signed-by=x] http://mirror/debian bookworm main",
  "deb [signed-by=x] http://mirror/debian bookworm-updates main",
].join("\n");

/**
 * Fakes a machine with these versions of QEMU, its own and that of backports. Returns the list of the commands that are
 * run.
 */
function machine(versions: { own: number; backports?: number }): string[] {
  const ran: string[] = [];
  mockExeca.mockImplementation(async (program: string, args: string[], options?: { cwd?: string }) => {
    ran.push([program, ...args].join(" "));
    if (program.endsWith("qemu-system-x86_64")) {
      const version = program.startsWith("/") ? versions.backports : versions.own;
      if (version === undefined) throw new Error("libnew.so.1: cannot open shared object file");
      return { stdout: `QEMU emulator version ${version}.0.2 (Debian)` };
    }
    const list = args.find((word) => word.startsWith("Dir::Etc::SourceList="))?.split("=")[1];
    if (args.includes("update") && list) ran.push(readFileSync(list, "utf8"));
    if (args[0] === "indextargets") return { stdout: sources };
    if (args.includes("download")) writeFileSync(join(options?.cwd ?? "", "qemu.deb"), "");
    return { stdout: "" };
  });
  return ran;
}

let said: string;
let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "lvs-emulator-test-"));
  mockCached.mockImplementation(async (name: string, _: unknown, build: (folder: string) => Promise<void>) => {
    const folder = join(cache, name);
    mkdirSync(folder);
    await build(folder);
    return folder;
  });
  said = "";
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += text;
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(cache, { recursive: true });
});

test("a machine whose own QEMU is quick keeps it, and nothing is downloaded", async () => {
  const ran = machine({ own: 10 });
  expect(await quickEmulator()).toBeUndefined();
  expect(ran).toHaveLength(1);
});

test("where the machine's own QEMU is slow, that of backports is unpacked beside it, from the machine's package sources", async () => {
  const ran = machine({ own: 7, backports: 10 });
  const folder = await quickEmulator();
  expect(folder).toBe(join(cache, "emulator"));
  expect(ran.filter((line) => line.includes(" download "))).toEqual([
    expect.stringMatching(/ qemu-system-x86\/bookworm-backports .*seabios\/bookworm-backports$/),
  ]);
  expect(ran).toContain(`dpkg-deb --extract ${folder}/downloads/qemu.deb ${folder}`);
  expect(ran).toContain("deb [signed-by=x] http://mirror/debian bookworm-backports main\n");
  // The downloads and apt's lists were removed.
  expect(readdirSync(folder as string)).toEqual([]);
});

test.each([
  ["does not run here", { own: 7 }, "libnew.so.1: cannot open shared object file"],
  ["is no quicker", { own: 7, backports: 8 }, "backports have QEMU 8"],
])(
  "a QEMU of backports that %s is not taken: the lab runs the machine's own, and says why",
  async (_, versions, why) => {
    machine(versions);
    expect(await quickEmulator()).toBeUndefined();
    expect(said).toContain(`the lab takes this machine's own QEMU, which is slower than that of backports: ${why}`);
  },
);
