import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Module = typeof import("../../tools/lab/saves.js", { with: { "resolution-mode": "import" }});
type Save = import("../../tools/lab/saves.js", { with: { "resolution-mode": "import" }}).Save;

let mockCache = "";
jest.mock("../../tools/cache.js", () => ({ cacheFolder: mockCache, root: "/checkout" }), { virtual: true });
jest.mock("../../tools/folders.js", () => jest.requireActual("../../tools/folders"), { virtual: true });
jest.mock("../../tools/leaving.js", () => jest.requireActual("../../tools/leaving"), { virtual: true });
jest.mock("../../tools/lab/contents.js", () => jest.requireActual("../../tools/lab/contents"), { virtual: true });
jest.mock("../../tools/node_modules/execa/index.js", () => ({}));

const here = { image: "/cache/image-1", packages: "/cache/packages-1", emulator: "QEMU 10, qemu", sources: "1" };
const saved = {
  stack: "dr",
  debian: 12,
  saved: "2026-01-01T00:00:00.000Z",
  contents: here,
  machines: ["director"],
} as unknown as Save;

let saves: Module;
beforeEach(() => {
  mockCache = mkdtempSync(join(tmpdir(), "lvs-saves-test-"));
  jest.resetModules();
  saves = jest.requireActual("../../tools/lab/saves");
});
afterEach(() => rmSync(mockCache, { recursive: true }));

const make = (name: string, content: string, save = saved) =>
  saves.makeSave(name, async (folder) => {
    writeFileSync(join(folder, "memory"), content);
    return save;
  });
const entries = () => readdirSync(join(mockCache, "saves"));

test("a save is found by its name, and root alone may read it", async () => {
  await make("bare", "one");
  const { folder, save } = await saves.fittingSave("dr", "bare", async () => here);
  expect(readFileSync(join(folder, "memory"), "utf8")).toBe("one");
  expect(save).toEqual(saved);
  for (const kept of [join(mockCache, "saves"), folder]) expect(statSync(kept).mode & 0o777).toBe(0o700);
});

test("a save that was made while another of its name was made leaves nothing", async () => {
  await saves.makeSave("bare", async (folder) => {
    await make("bare", "meanwhile");
    writeFileSync(join(folder, "memory"), "last");
    return saved;
  });
  const { folder } = await saves.fittingSave("dr", "bare", async () => here);
  expect(readFileSync(join(folder, "memory"), "utf8")).toBe("last");
  expect(entries()).toHaveLength(2);
});

test("another save of the same name takes the first one's place, and leaves nothing of it", async () => {
  await make("bare", "one");
  await make("bare", "two");
  await make("other", "three");
  const { folder } = await saves.fittingSave("dr", "bare", async () => here);
  expect(readFileSync(join(folder, "memory"), "utf8")).toBe("two");
  expect(entries()).toHaveLength(4);
  expect((await saves.listSaves()).map(({ name }) => name)).toEqual(["bare", "other"]);
});

test("a save that fails leaves the former one, and nothing of its own", async () => {
  await make("bare", "one");
  const failing = saves.makeSave("bare", async (folder) => {
    writeFileSync(join(folder, "memory"), "half");
    throw new Error("no room");
  });
  await expect(failing).rejects.toThrow("no room");
  const { folder } = await saves.fittingSave("dr", "bare", async () => here);
  expect(readFileSync(join(folder, "memory"), "utf8")).toBe("one");
  expect(entries()).toHaveLength(2);
});

test("the leftovers of a killed save go with the next save of that name; a save that is being made stays", async () => {
  await make("bare", "one");
  const left = mkdtempSync(join(mockCache, "saves", ".bare."));
  const underWay = mkdtempSync(join(mockCache, "saves", ".bare."));
  utimesSync(left, 0, 0);
  await make("bare", "two");
  expect(existsSync(left)).toBe(false);
  expect(existsSync(underWay)).toBe(true);
});

test.each(["", "..", "a/b", ".hidden", "a b", "a".repeat(41)])("%j is refused as a save's name", async (name) => {
  await expect(make(name, "one")).rejects.toThrow(/use at most 40 letters, digits, - and _$/);
});

test("a name that was never saved is an error that lists the names of saves", async () => {
  await expect(saves.fittingSave("dr", "bare", async () => here)).rejects.toThrow(
    'there is no save "bare"; there are: none',
  );
  await make("other", "one");
  await expect(saves.fittingSave("dr", "bare", async () => here)).rejects.toThrow("there are: other");
});

test("another stack's save is refused: its guests are named after it", async () => {
  await make("bare", "one");
  await expect(saves.fittingSave("nat", "bare", async () => here)).rejects.toThrow(
    /save "bare" is one of stack dr, .*: npm run lab -- restore dr bare$/,
  );
});

test.each([
  ["image", /does not fit any more: the guest image is another one$/],
  ["packages", /does not fit any more: the guests' packages are others$/],
  ["emulator", /does not fit any more: it was saved by QEMU 10, qemu; here is another$/],
  ["sources", /does not fit any more: the lab's sources have changed$/],
])("a save with another value of %s is refused, with the reason", async (part, reason) => {
  await make("bare", "one");
  await expect(saves.fittingSave("dr", "bare", async () => ({ ...here, [part]: "another" }))).rejects.toThrow(reason);
});
