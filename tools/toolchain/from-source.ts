import { copyFile, link, mkdir, readFile } from "node:fs/promises";
import { arch } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { cached, root } from "../cache.js";
import { type GoTool, goBuild, goVersion } from "./go-build.js";
import type { Toolchain } from "./index.js";
import { bridge, goTools, libvirt } from "./versions.js";

/** Pulumi and its plugins, compiled from Go modules: for machines where no release can be downloaded. */
export async function toolchainFromSource(): Promise<Toolchain> {
  const go = await goVersion();
  // Side by side, so that one downloads or links while the other compiles. The language host follows the CLI: it
  // consists of packages that are compiled by then.
  const builds = [
    inTurn(goTools.pulumi, goTools.languageHost, go),
    inTurn(goTools.bridge, goTools.libvirt, go),
  ] as const;
  // Where one fails the other goes on, and is there the next time; nothing is still built after that.
  await Promise.allSettled(builds);
  const [[pulumi, languageHost], [bridgePlugin, libvirtProvider]] = await Promise.all(builds);
  const tools = { pulumi, languageHost, bridgePlugin, libvirtProvider };
  const contents = Object.values(tools).map((program) => basename(dirname(program)));
  const home = await cached("pulumi-home", [contents, await readFile(launcher, "utf8")], (making) =>
    furnish(making, tools),
  );
  return {
    pulumi: join(home, "bin", "pulumi"),
    environment: {
      PATH: `${join(home, "bin")}${delimiter}${process.env.PATH ?? ""}`,
      PULUMI_HOME: home,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Nothing can be fetched where this is used, and Pulumi would try for minutes.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
    },
    identity: basename(home),
  };
}

/** Starts the program's dynamic provider; a release has the same script beside the CLI. */
const launcher = join(root, "node_modules", "@pulumi", "pulumi", "pulumi-resource-pulumi-nodejs");

async function inTurn(first: GoTool, second: GoTool, go: string): Promise<[string, string]> {
  return [await goBuild(first, go), await goBuild(second, go)];
}

/** Lays out a PULUMI_HOME. Pulumi itself adds its workspaces and credentials, so the programs are links into the cache. */
async function furnish(
  home: string,
  tools: { pulumi: string; languageHost: string; bridgePlugin: string; libvirtProvider: string },
): Promise<void> {
  await place(tools.pulumi, home, "bin", "pulumi");
  // Pulumi takes these two without a warning only from beside itself.
  await place(tools.languageHost, home, "bin", "pulumi-language-nodejs");
  await place(
    tools.bridgePlugin,
    home,
    "plugins",
    `resource-${bridge.source}-v${bridge.version}`,
    basename(tools.bridgePlugin),
  );
  const platform = `${process.platform}_${arch() === "x64" ? "amd64" : arch()}`;
  await place(
    tools.libvirtProvider,
    home,
    "dynamic_tf_plugins",
    "registry.opentofu.org",
    libvirt.namespace,
    libvirt.name,
    libvirt.version,
    platform,
    basename(tools.libvirtProvider),
  );
  await copyFile(launcher, join(home, "bin", basename(launcher)));
}

async function place(program: string, ...path: string[]): Promise<void> {
  const target = join(...path);
  await mkdir(dirname(target), { recursive: true });
  await link(program, target);
}
