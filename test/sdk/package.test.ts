import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { minVersion, satisfies, validRange } from "semver";

// What a project needs that has pulumi-lvs as a dependency. `npm run release -- --dry-run` installs it so.

const sdk = join(__dirname, "../../sdk");
const own = JSON.parse(readFileSync(join(sdk, "package.json"), "utf8"));
const optional = Object.keys(own.peerDependenciesMeta);

test("a peer is a range, so that it is one that the project has already", () => {
  const peers = Object.entries<string>(own.peerDependencies);
  expect(peers.map(([name]) => name).sort()).toEqual(["@pulumi/command", "@pulumi/libvirt", "@pulumi/pulumi"]);
  for (const [name, range] of peers) {
    expect([name, validRange(range)]).not.toEqual([name, null]);
    const least = minVersion(range)?.raw ?? "";
    const [major, minor] = least.split(".").map(Number) as [number, number];
    expect([name, satisfies(`${major}.${minor + 500}.0`, range)]).toEqual([name, true]);
  }
  expect(satisfies("3.142.0", own.peerDependencies["@pulumi/pulumi"])).toBe(true);
});

test("the types of the main entry ask for no optional peer", () => {
  const read = new Set<string>();
  const asked = new Set<string>();
  const follow = (file: string) => {
    if (read.has(file)) return;
    read.add(file);
    for (const [, from = ""] of readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"([^"]+)"/g)) {
      if (!from.startsWith(".")) asked.add(from);
      else {
        const path = join(dirname(file), from);
        follow(existsSync(`${path}.d.ts`) ? `${path}.d.ts` : join(path, "index.d.ts"));
      }
    }
  };
  follow(join(sdk, own.types));
  expect(read.size).toBeGreaterThan(50);
  expect([...asked]).toContain("@pulumi/pulumi");
  expect([...asked].filter((from) => optional.some((name) => from.startsWith(name)))).toEqual([]);
});

describe.each(["provider", "cli", "sdk"])("the package of %s", (folder) => {
  const root = join(__dirname, "../..");
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));

  test("says what it is, and is found by what it is about", () => {
    expect(manifest.description).toMatch(/\S+ \S+ \S+/);
    expect(manifest.keywords).toEqual(expect.arrayContaining(["pulumi", "lvs", "ipvs"]));
    expect(new Set(manifest.keywords).size).toBe(manifest.keywords.length);
    expect(manifest).toMatchObject({ license: "Apache-2.0", version: own.version, engines: { node: ">=20" } });
    for (const file of [manifest.main, manifest.types]) expect(existsSync(join(root, folder, file))).toBe(true);
  });
});

test.each([
  { failing: 'new (require("./sdk/dist").DrCluster)("a", {})', line: "throw new ArgumentError(" },
  { failing: 'require("./provider/dist/operations").hostOf(null)', line: "function hostOf({ inputs }" },
])("a stack trace names the source and the line: $line", ({ failing, line }) => {
  const root = join(__dirname, "../..");
  const script = `try { ${failing} } catch (error) { console.log(error.stack) }`;
  const { stdout } = spawnSync(process.execPath, ["--enable-source-maps", "-e", script], {
    cwd: root,
    encoding: "utf8",
  });
  const [, file = "", at = ""] = /\(?(\/\S+\.ts):(\d+):\d+/.exec(stdout) ?? [];
  expect(readFileSync(file, "utf8").split("\n")[Number(at) - 1]).toContain(line);
});
