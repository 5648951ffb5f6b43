import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

// The npm packages of checkouts. Plain Node sees to them, as in a fresh clone; a program in npm's place counts how often it is asked.

const folder = mkdtempSync(join(tmpdir(), "lvs-packages-"));
afterAll(() => rmSync(folder, { recursive: true }));

const root = join(__dirname, "../..");
const cache = join(folder, "cache");
const asked = join(folder, "asked");

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

write(
  join(folder, "bin/npm"),
  `#!/bin/sh
echo "$*" >>${asked}
[ -z "$FAIL" ] || { echo "no such package" >&2; exit 1; }
mkdir -p node_modules/.bin node_modules/a tools/node_modules/b
cat package-lock.json >node_modules/a/index.js
echo b >tools/node_modules/b/index.js
ln -s ../a/index.js node_modules/.bin/a
ln -s ../tools node_modules/pulumi-lvs-tools
`,
);
chmodSync(join(folder, "bin/npm"), 0o755);

/** A checkout with this lock. */
function checkout(name: string, lock: string): string {
  const made = join(folder, name);
  for (const file of ["npm-packages.mjs", "cache-place.cjs"])
    cpSync(join(root, "tools", file), join(made, "tools", file));
  write(join(made, "package.json"), JSON.stringify({ workspaces: ["sdk", "tools"] }));
  for (const part of ["sdk", "tools"]) write(join(made, part, "package.json"), "{}");
  write(join(made, "package-lock.json"), lock);
  return made;
}

/** Installs as bootstrap.mjs does, and returns whether npm was asked. */
function install(clone: string, env: NodeJS.ProcessEnv = {}) {
  const script = `
    import { installPackages, keepPackages } from "./tools/npm-packages.mjs";
    import { cached } from ${JSON.stringify(join(root, "tools/dist/cache.js"))};
    if (installPackages()) await keepPackages(cached);`;
  const before = asks();
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    ...{ cwd: clone, encoding: "utf8" },
    env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}`, PULUMI_LVS_CACHE: cache, ...env },
  });
  return { status, stderr, asked: asks() - before };
}

const asks = () => (existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n").length : 0);

const installed = (clone: string) => readFileSync(join(clone, "node_modules/.bin/a"), "utf8");

const entries = () => readdirSync(cache).sort();

test("npm is asked once for all checkouts of one lock; each has packages of its own", () => {
  const first = checkout("first", "one");
  expect(install(first)).toMatchObject({ status: 0, asked: 1, stderr: "▸ installing npm packages\n" });
  expect(install(first)).toMatchObject({ status: 0, asked: 0, stderr: "" });

  const second = checkout("second", "one");
  write(join(second, "node_modules/half-made/x.js"), "of an installation that was interrupted");
  expect(install(second)).toMatchObject({ status: 0, asked: 0, stderr: "" });
  expect(installed(second)).toBe("one");
  expect(readFileSync(join(second, "tools/node_modules/b/index.js"), "utf8")).toBe("b\n");
  expect(readlinkSync(join(second, "node_modules/pulumi-lvs-tools"))).toBe("../tools");
  expect(existsSync(join(second, "node_modules/half-made"))).toBe(false);
  expect(install(second, { PULUMI_LVS_CACHE: join(folder, "another") })).toMatchObject({ asked: 0 });

  write(join(second, "node_modules/a/index.js"), "changed by hand");
  const third = checkout("third", "one");
  install(third);
  expect([installed(first), installed(third)]).toEqual(["one", "one"]);
  expect(entries()).toEqual([expect.stringMatching(/^npm-packages-[0-9a-f]{16}$/)]);

  const entry = join(cache, entries()[0] as string);
  utimesSync(entry, 0, 0);
  install(checkout("fourth", "one"));
  expect(Date.now() - statSync(entry).mtimeMs).toBeLessThan(60 * 60_000);
});

test("another lock has other packages, and the former ones go", () => {
  const clone = checkout("changed", "one");
  install(clone);
  write(join(clone, "node_modules/only-of-one/x.js"), "");
  write(join(clone, "package-lock.json"), "two");
  expect(install(clone)).toMatchObject({ status: 0, asked: 1 });
  expect(installed(clone)).toBe("two");
  expect(existsSync(join(clone, "node_modules/only-of-one"))).toBe(false);
  expect(entries()).toHaveLength(2);
});

test("npm judges a part that asks for something else than the lock has, and no other change of a part", () => {
  const clone = checkout("asking", "one");
  write(join(clone, "sdk/package.json"), JSON.stringify({ scripts: { a: "b" } }));
  expect(install(clone)).toMatchObject({ status: 0, asked: 0 });
  write(join(clone, "sdk/package.json"), JSON.stringify({ dependencies: { c: "1.0.0" } }));
  expect(install(clone, { FAIL: "1" })).toMatchObject({ status: 1, asked: 1 });
});

test("what npm could not do is told, and is neither kept nor taken for done", () => {
  const clone = checkout("failed", "three");
  const failed = install(clone, { FAIL: "1" });
  expect(failed).toMatchObject({ status: 1, stderr: expect.stringContaining("no such package") });
  expect(entries()).toHaveLength(2);
  expect(install(clone)).toMatchObject({ status: 0, asked: 1 });
  expect(installed(clone)).toBe("three");
});

test("a copy that fails is npm's work, and a cache that cannot be written to is told", () => {
  const clone = checkout("uncopied", "one");
  write(join(folder, "broken/cp"), "#!/bin/sh\nexit 1\n");
  chmodSync(join(folder, "broken/cp"), 0o755);
  const path = `${join(folder, "broken")}:${join(folder, "bin")}:${process.env.PATH}`;
  expect(install(clone, { PATH: path })).toMatchObject({ status: 0, asked: 1 });
  expect(installed(clone)).toBe("one");

  const alone = checkout("alone", "four");
  write(join(folder, "file"), "");
  const { status, stderr } = install(alone, { PULUMI_LVS_CACHE: join(folder, "file/cache") });
  expect(status).toBe(0);
  expect(stderr).toMatch(/The npm packages are not kept: ENOTDIR.*file\/cache/);
  expect(installed(alone)).toBe("four");
});
