type Module = typeof import("../../tools/lab/image.js", { with: { "resolution-mode": "import" }});

jest.mock("../../tools/node_modules/execa/index.js", () => ({}));
jest.mock("../../tools/cache.js", () => ({ root: process.cwd() }), { virtual: true });
jest.mock("../../tools/progress.js", () => ({}), { virtual: true });
jest.mock("../../tools/debian-files.js", () => ({}), { virtual: true });

const { debianNumber, packageLists } = jest.requireActual<Module>("../../tools/lab/image");

test.each(["12", "13"])("machines can have Debian %s", (text) => {
  expect(debianNumber(text)).toBe(Number(text));
});

test.each(["11", "14", "trixie", "", " 13"])("machines cannot have Debian %j", (text) => {
  expect(() => debianNumber(text)).toThrow(`--debian "${text}": the lab's machines have Debian 12 or 13`);
});

test("a release has its own version of PostgreSQL, and all else that the other one has", async () => {
  const [older, newer] = [await packageLists(12), await packageLists(13)];
  expect([older.suite, newer.suite]).toEqual(["bookworm", "trixie"]);
  const only = (mine: readonly string[], other: readonly string[]) => mine.filter((name) => !other.includes(name));
  expect(only(older.inRepository, newer.inRepository)).toEqual(["postgresql-15"]);
  expect(only(newer.inRepository, older.inRepository)).toEqual(["postgresql-17"]);
});
