import { mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { execa } from "execa";
import { NewProject, packed, type Trial } from "./project.js";
import { MANAGERS } from "./ways.js";

// A package of a user's own between a program and pulumi-lvs: it wraps a site in a component, is packed, and is installed into
// the program's project.

/** The component's package. What it needs, the project that installs it has as well. */
const PACKAGE = {
  name: "our-shop",
  version: "1.0.0",
  main: "index.js",
  peerDependencies: { "@pulumi/pulumi": "^3.142.0" },
  dependencies: { "pulumi-lvs": "^0.1.0" },
};

const COMPONENT = `const pulumi = require("@pulumi/pulumi");
const { DrCluster, EcommerceSite } = require("pulumi-lvs");
exports.Shop = class Shop extends pulumi.ComponentResource {
  constructor(name, { director, vip, servers }, options) {
    super("our:index:Shop", name, {}, options);
    const own = { parent: this };
    const application = {
      artefact: { path: "shop.tar.gz", sha256: "0".repeat(64) },
      start: ["python3", "-m", "shop"],
      ready: { path: "/readyz" },
    };
    const site = new EcommerceSite(name, { servers, application, state: { kind: "local" } }, own);
    new DrCluster(name, { director, vip, ports: [80, 443], persistence: {}, realServers: site.servers }, own);
    this.registerOutputs();
  }
};
`;

const PROGRAM = `const { Host } = require("pulumi-lvs");
const { Shop } = require("our-shop");
const servers = ["192.0.2.11", "192.0.2.12"].map((address, i) => ({ host: new Host(\`rs\${i + 1}\`, { address }), address }));
new Shop("shop", { director: new Host("director", { address: "192.0.2.2" }), vip: "192.0.2.10", servers });
`;

/** What a preview has to show: the component, and that what is in it has the component for its parent. */
const SHOWN = ["our:index:Shop", "lvs:index:EcommerceSite", "lvs:index:DrCluster", "lvs:Rollout"];

/** Registers a command by @pulumi/command with an engine that answers at once, and prints what was registered. */
const COMMAND = `const pulumi = require("@pulumi/pulumi");
pulumi.runtime.setMocks({
  call: ({ inputs }) => inputs,
  newResource: ({ type, name, inputs }) => {
    console.log(type, JSON.stringify(inputs).match(/"host":"([^"]+)"/)?.[1]);
    return { id: name, state: inputs };
  },
});
const { Host } = require("pulumi-lvs");
new Host("rs1", { address: "192.0.2.11", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGdWn+IBr1Itjtgpmoh8EZ8L7eKChuKmJEkyr/bqmU/r", agent: "/run/agent" }).command("it", { create: "true" });
`;

/**
 * Tries the package in the middle, in the layouts of npm and of pnpm, and @pulumi/command at both ends of its range: the provider
 * is found, there is one copy of it, and a project that does not have the package itself is told so.
 */
export async function inBetween(folder: string, trial: Trial): Promise<void> {
  await mkdir(folder);
  const component = await packedComponent(folder);
  for (const [manager, command] of [["npm", "1.0.0"] as const, ["pnpm", "^1.0.0"] as const]) {
    const project = await NewProject.of("lvs-typescript", join(folder, manager), trial);
    for (const name of ["index.ts", "tsconfig.json"]) await rm(join(project.folder, name));
    await writeFile(join(project.folder, "index.js"), PROGRAM);
    const tarballs = await packed(trial);
    const needs = { "@pulumi/pulumi": "^3", "@pulumi/command": command, "our-shop": component };
    const install = async (dependencies: object) => {
      await project.describe((own) => ({
        ...own,
        main: "index.js",
        dependencies,
        ...MANAGERS[manager].instead(tarballs),
      }));
      const [program, ...args] = MANAGERS[manager].install;
      await project.run(program, ...args);
    };
    await install({ ...needs, "pulumi-lvs": tarballs["pulumi-lvs"] });
    await isFound(project);
    const registered = await project.run(process.execPath, "-e", COMMAND);
    if (registered.trim() !== "command:remote:Command 192.0.2.11")
      throw new Error(`${manager}: @pulumi/command ${command} registers ${registered}`);
    // In npm's flat layout the project finds what the package in between brings along.
    if (manager === "npm") continue;
    await rm(join(project.folder, "node_modules"), { recursive: true });
    await install(needs);
    await isTold(project);
  }
}

async function packedComponent(folder: string): Promise<string> {
  const source = join(folder, PACKAGE.name);
  await mkdir(source);
  await writeFile(join(source, "package.json"), JSON.stringify(PACKAGE));
  await writeFile(join(source, PACKAGE.main), COMPONENT);
  await execa("npm", ["pack", "--pack-destination", folder], { cwd: source });
  return `file:${join(folder, `${PACKAGE.name}-${PACKAGE.version}.tgz`)}`;
}

async function isFound(project: NewProject): Promise<void> {
  const preview = await project.preview({});
  const missing = SHOWN.filter((one) => !preview.includes(one));
  if (missing.length > 0)
    throw new Error(`the preview of ${project.folder} does not show ${missing.join(", ")}:\n${preview}`);
  const of = async (file: string) => realpath(createRequire(file).resolve("pulumi-lvs"));
  const own = join(project.folder, "index.js");
  const copies = [await of(own), await of(await realpath(createRequire(own).resolve("our-shop")))];
  if (copies[0] !== copies[1]) throw new Error(`there are two copies of pulumi-lvs: ${copies.join(" and ")}`);
}

/** The program does not name the package, and its project does not have it. */
async function isTold(project: NewProject): Promise<void> {
  const hosts = 'const { Host } = require(require.resolve("pulumi-lvs", { paths: [require.resolve("our-shop")] }));\n';
  await writeFile(join(project.folder, "index.js"), PROGRAM.replace(/^.*\n/, hosts));
  const said = await project.pulumi("preview", "--non-interactive").catch((error: Error) => error.message);
  if (!/Pulumi does not find pulumi-lvs from .*pnpm add pulumi-lvs/.test(said))
    throw new Error(`a project without the package is told: ${said}`);
}
