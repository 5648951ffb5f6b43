import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "./cache.js";
import { phase } from "./progress.js";
import { ensureToolchain } from "./toolchain/index.js";
import type { Toolchain } from "./toolchain/toolchain.js";

/** The packages, each after those that it needs. */
const PACKAGES = { "pulumi-lvs-provider": "provider", "pulumi-lvs-cli": "cli", "pulumi-lvs": "sdk" } as const;

/** A way in which users have the packages. Each end of the range of `@pulumi/pulumi` is among them. */
interface Way {
  readonly name: string;
  /** The version of `@pulumi/pulumi`. */
  readonly pulumi: string;
  readonly manager: keyof typeof MANAGERS;
  /** The program: the template's, or what it becomes in JavaScript, as CommonJS or as an ES module. */
  readonly language: "typescript" | "commonjs" | "module";
}

/** How each package manager installs what package.json names, and how tarballs stand there in the place of a registry's packages. */
const MANAGERS = {
  npm: { install: ["npm", "install", "--no-audit", "--no-fund"], instead: (inner) => ({ overrides: inner }) },
  pnpm: { install: ["npx", "--yes", "pnpm@10.15.0", "install"], instead: (inner) => ({ pnpm: { overrides: inner } }) },
  "yarn 1": {
    install: ["npx", "--yes", "yarn@1.22.22", "install", "--non-interactive"],
    instead: (inner) => ({ resolutions: inner }),
  },
  // Pulumi looks for node_modules, so that Plug'n'Play, yarn's default, is no layout for it.
  "yarn 4": {
    install: ["npx", "--yes", "--package", "@yarnpkg/cli-dist@4.18.1", "yarn", "install", "--no-immutable"],
    instead: (inner) => ({ resolutions: inner }),
    files: { ".yarnrc.yml": "nodeLinker: node-modules\n" },
  },
  bun: {
    install: ["npx", "--yes", "bun@1.4.5", "install"],
    instead: (inner) => ({ overrides: inner }),
    files: { "bunfig.toml": '[install]\nlinker = "isolated"\n' },
  },
} as const satisfies Record<
  string,
  { install: readonly string[]; instead: (inner: object) => object; files?: Record<string, string> }
>;

const ways = (lowest: string): readonly Way[] => [
  { name: "TypeScript, npm, the lowest @pulumi/pulumi", pulumi: lowest, manager: "npm", language: "typescript" },
  { name: "ES module, npm, the newest @pulumi/pulumi", pulumi: "^3", manager: "npm", language: "module" },
  { name: "JavaScript, pnpm", pulumi: "^3", manager: "pnpm", language: "commonjs" },
  // Yarn 1 refuses a package whose `engines` exclude this Node. The others warn.
  { name: "TypeScript, yarn 1, the lowest @pulumi/pulumi", pulumi: lowest, manager: "yarn 1", language: "typescript" },
  { name: "JavaScript, yarn 4", pulumi: "^3", manager: "yarn 4", language: "commonjs" },
  { name: "ES module, bun", pulumi: "^3", manager: "bun", language: "module" },
];

/**
 * Packs what would be published, and tries it as a new user does: the template, in an empty folder, from the tarballs alone. A
 * dry run ends there.
 */
export async function release({ dryRun = false }: { dryRun?: boolean }): Promise<number> {
  const toolchain = await ensureToolchain();
  const folder = await mkdtemp(join(tmpdir(), "lvs-release-"));
  const tarballs = join(folder, "tarballs");
  await mkdir(tarballs);
  try {
    await phase("packing", () => pack(tarballs));
    const { peerDependencies } = JSON.parse(await readFile(join(root, "sdk", "package.json"), "utf8"));
    const lowest = peerDependencies["@pulumi/pulumi"].replace("^", "");
    for (const [i, way] of ways(lowest).entries())
      await phase(way.name, () => attempt(way, join(folder, `way${i}`), tarballs, toolchain));
    for (const name of await readdir(tarballs)) console.log(name);
    if (!dryRun) await publish(tarballs);
    return 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pack(tarballs: string): Promise<void> {
  // What was compiled before may hold files that are there no more.
  for (const each of Object.values(PACKAGES))
    for (const made of ["dist", "tsconfig.tsbuildinfo"])
      await rm(join(root, each, made), { recursive: true, force: true });
  await rm(join(root, "node_modules", ".lvs-compiled"), { force: true });
  const which = Object.keys(PACKAGES).flatMap((name) => ["-w", name]);
  await execa(process.execPath, [join(root, "tools", "bootstrap.mjs"), "build"], { cwd: root });
  await execa("npm", ["pack", ...which, "--pack-destination", tarballs], { cwd: root, env: { LVS_COMPILED: "1" } });
  const packed = await readdir(tarballs);
  for (const name of packed) {
    const { stdout } = await execa("tar", ["-tzf", join(tarballs, name)]);
    const missing = ["package.json", "README.md", "LICENSE"].filter(
      (one) => !stdout.split("\n").includes(`package/${one}`),
    );
    if (missing.length > 0) throw new Error(`${name} has no ${missing.join(", ")}`);
  }
}

async function attempt(way: Way, folder: string, tarballs: string, { pulumi, environment }: Toolchain): Promise<void> {
  await mkdir(join(folder, "state"), { recursive: true });
  const project = join(folder, "project");
  await mkdir(project);
  const env = {
    ...environment,
    ...{ PULUMI_BACKEND_URL: `file://${join(folder, "state")}`, PULUMI_CONFIG_PASSPHRASE: "of a release" },
    ...(await registry()),
  };
  const run = (command: string, ...args: string[]) => execa(command, args, { cwd: project, env });
  const template = join(root, "templates", "lvs-typescript");
  await run(pulumi, "new", template, "--generate-only", "--yes", "--name", "site", "--force", "--non-interactive");
  await useTarballs(way, project, tarballs);
  const [command, ...args] = MANAGERS[way.manager].install;
  await run(command, ...args);
  const modules = join(project, "node_modules");
  if (way.language === "typescript") await run(process.execPath, join(modules, "typescript", "bin", "tsc"), "--noEmit");
  else await inJavaScript(way, project, run);
  await run(join(modules, ".bin", "pulumi-lvs"), "--help");
  await run(pulumi, "stack", "init", "dev", "--non-interactive");
  const settings = { vip: "192.0.2.10", director: "192.0.2.2", realServers: "192.0.2.11 192.0.2.12" };
  for (const [key, value] of Object.entries(settings)) await run(pulumi, "config", "set", key, value);
  const { stdout } = await run(pulumi, "preview", "--non-interactive");
  if (!stdout.includes("lvs:index:DrCluster")) throw new Error(`${way.name}: the preview shows no cluster:\n${stdout}`);
}

/** Names the tarballs where a registry would be asked. */
async function useTarballs({ pulumi, manager, language }: Way, project: string, tarballs: string): Promise<void> {
  const file = join(project, "package.json");
  const own = JSON.parse(await readFile(file, "utf8"));
  const packed = await readdir(tarballs);
  const tarball = (name: string) =>
    `file:${join(tarballs, packed.find((one) => new RegExp(`^${name}-\\d`).test(one)) ?? name)}`;
  const inner = Object.fromEntries(
    Object.keys(PACKAGES).flatMap((name) => (name === "pulumi-lvs" ? [] : [[name, tarball(name)]])),
  );
  const dependencies = { ...own.dependencies, "pulumi-lvs": tarball("pulumi-lvs"), "@pulumi/pulumi": pulumi };
  const how: (typeof MANAGERS)[typeof manager] & { files?: Record<string, string> } = MANAGERS[manager];
  for (const [name, text] of Object.entries(how.files ?? {})) await writeFile(join(project, name), text);
  const type =
    language === "module" ? { type: "module", main: "index.js" } : language === "commonjs" ? { main: "index.js" } : {};
  await writeFile(file, JSON.stringify({ ...own, dependencies, ...how.instead(inner), ...type }));
}

/** The registry that npm asks, for those that have one of their own. */
async function registry(): Promise<Record<string, string>> {
  const { stdout } = await execa("npm", ["config", "get", "registry"]);
  const url = stdout.trim();
  const found = { npm_config_registry: url, YARN_NPM_REGISTRY_SERVER: url.replace(/\/$/, "") };
  // yarn 4 asks a registry without TLS where it is told to.
  return url.startsWith("http:") ? { ...found, YARN_UNSAFE_HTTP_WHITELIST: new URL(url).hostname } : found;
}

/** The template's program without its types. */
async function inJavaScript(
  { language }: Way,
  project: string,
  run: (command: string, ...args: string[]) => Promise<unknown>,
) {
  const module = language === "module" ? "es2022" : "commonjs";
  const tsc = join(project, "node_modules", "typescript", "bin", "tsc");
  const words = ["--outDir", ".", "--target", "es2022", "--module", module, "--moduleResolution", "node", "--noCheck"];
  await run(process.execPath, tsc, "index.ts", ...words);
  for (const name of ["index.ts", "tsconfig.json"]) await rm(join(project, name));
}

async function publish(tarballs: string): Promise<void> {
  const packed = await readdir(tarballs);
  for (const [name, folder] of Object.entries(PACKAGES)) {
    const { repository } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
    if (!repository)
      throw new Error(`${folder}/package.json names no repository: say where its source lies before it is published`);
    const tarball = packed.find((one) => new RegExp(`^${name}-\\d`).test(one)) as string;
    await execa("npm", ["publish", join(tarballs, tarball)], { cwd: root, stdio: "inherit" });
  }
}
