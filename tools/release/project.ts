import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../cache.js";
import { inOwnProcesses } from "../own-processes.js";
import type { Toolchain } from "../toolchain/toolchain.js";
import { PACKAGES } from "./ways.js";

/** Where a release is tried: tarballs, and the Pulumi that runs the programs. */
export interface Trial {
  readonly tarballs: string;
  readonly toolchain: Toolchain;
}

/** A project that a new user makes of a template, in a fresh folder with a backend of its own. */
export class NewProject {
  private constructor(
    /** The project's folder. */
    readonly folder: string,
    /** The Pulumi that runs the program. */
    readonly pulumiCli: string,
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Makes the project, with what the template has. Nothing is installed. */
  static async of(template: string, folder: string, { toolchain }: Trial): Promise<NewProject> {
    const project = join(folder, "project");
    for (const each of [project, join(folder, "state")]) await mkdir(each, { recursive: true });
    const env = {
      ...toolchain.environment,
      ...{ PULUMI_BACKEND_URL: `file://${join(folder, "state")}`, PULUMI_CONFIG_PASSPHRASE: "of a release" },
      ...(await registry()),
    };
    const made = new NewProject(project, toolchain.pulumi, env);
    const options = ["--generate-only", "--yes", "--name", "site", "--force", "--non-interactive"];
    await made.pulumi("new", join(root, "templates", template), ...options);
    return made;
  }

  async run(command: string, ...args: string[]): Promise<string> {
    return (await execa(command, args, { cwd: this.folder, env: this.env })).stdout;
  }

  pulumi(...args: string[]): Promise<string> {
    return this.run(this.pulumiCli, ...args);
  }

  /** Runs `pulumi install`. Pulumi may leave a plugin running that it has asked what a package has. */
  install(): Promise<void> {
    return inOwnProcesses(this.pulumiCli, ["install"], { cwd: this.folder, env: this.env });
  }

  /** Makes a stack with these settings, and returns what its preview shows. */
  async preview(settings: Readonly<Record<string, string>>): Promise<string> {
    await this.pulumi("stack", "init", "dev", "--non-interactive");
    for (const [key, value] of Object.entries(settings)) await this.pulumi("config", "set", key, value);
    return this.pulumi("preview", "--non-interactive");
  }

  /** Expects that the program's types hold. */
  async types(): Promise<void> {
    await this.run(process.execPath, this.module("typescript", "bin", "tsc"), "--noEmit");
  }

  module(...path: string[]): string {
    return join(this.folder, "node_modules", ...path);
  }

  /** Changes package.json. */
  async describe(change: (own: Manifest) => object): Promise<void> {
    const file = join(this.folder, "package.json");
    await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, "utf8")))));
  }
}

export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The tarballs as what package.json names, by package. */
export async function packed({ tarballs }: Trial): Promise<Record<keyof typeof PACKAGES, string>> {
  const files = await readdir(tarballs);
  const each = Object.keys(PACKAGES).map((name) => {
    const file = files.find((one) => new RegExp(`^${name}-\\d`).test(one));
    if (!file) throw new Error(`${name} was not packed: there are ${files.join(", ")}`);
    return [name, `file:${join(tarballs, file)}`];
  });
  return Object.fromEntries(each);
}

/** The registry that npm asks, for those that have one of their own. */
async function registry(): Promise<Record<string, string>> {
  const { stdout } = await execa("npm", ["config", "get", "registry"]);
  const url = stdout.trim();
  const found = { npm_config_registry: url, YARN_NPM_REGISTRY_SERVER: url.replace(/\/$/, "") };
  // yarn 4 asks a registry without TLS where it is told to.
  return url.startsWith("http:") ? { ...found, YARN_UNSAFE_HTTP_WHITELIST: new URL(url).hostname } : found;
}
