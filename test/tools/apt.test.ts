type Module = typeof import("../../tools/lab/apt.js", { with: { "resolution-mode": "import" }});

const mockExeca = jest.fn();
jest.mock("../../tools/node_modules/execa/index.js", () => ({ execa: mockExeca }));

const { debianSources, ownRelease } = jest.requireActual<Module>("../../tools/lab/apt");

const line = (suite: string, at = "debian") => `deb [signed-by=x] http://mirror/${at} ${suite} main`;

/** Fakes a machine whose apt has these sources. */
function machine(...lines: string[]): void {
  mockExeca.mockResolvedValue({ stdout: lines.join("\n") });
}

test.each(["bookworm", "trixie"])(
  "a machine of %s has all sources of its own release, and one of another",
  async (own) => {
    const ours = [line(own), line(`${own}-updates`), line(`${own}-security`, "debian-security")];
    machine(...ours, line(`${own}-backports`));
    expect(await ownRelease()).toBe(own);
    expect(await debianSources(own)).toEqual(ours);
    expect(await debianSources(`${own}-backports`)).toEqual([line(`${own}-backports`)]);
    for (const other of ["forky", "bookworm-proposed"]) expect(await debianSources(other)).toEqual([line(other)]);
  },
);

test("a machine that knows no source of Debian says what that is for", async () => {
  machine("");
  await expect(debianSources("bookworm")).rejects.toThrow("this machine's apt knows no source of them");
});
