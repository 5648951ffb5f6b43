import { copyFile, link, mkdir, readFile } from "node:fs/promises";
import { arch } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { cached, root } from "../cache.js";
import { type GoTool, goBuild, goVersion } from "./go-build.js";
import type { Toolchain } from "./toolchain.js";
import { bridge, goTools, libvirt } from "./versions.js";

/** Compiles Pulumi and its plugins from Go modules, for machines that can download no release. */
export async function toolchainFromSource(): Promise<Toolchain> {
  const go = await goVersion();
  // The two builds run at the same time, so that one downloads or links while the other compiles. The language host
  // follows the CLI because the CLI's build has compiled the same packages.
  const builds = [
    inTurn(goTools.pulumi, goTools.languageHost, go),
    inTurn(goTools.bridge, goTools.libvirt, go),
  ] as const;
  // When one build fails, the other one goes on, and its result is there the next time. Nothing is still being built
  // afterwards.
  await Promise.allSettled(builds);
  const [[pulumi, languageHost], [bridgePlugin, libvirtProvider]] = await Promise.all(builds);
  const tools = { pulumi, languageHost, bridgePlugin, libvirtProvider };
  const contents = Object.values(tools).map((program) => basename(dirname(program)));
  const home = await cached("pulumi-home", [contents, await readFile(launcher, "utf8")], (making) =>
    layOutHome(making, tools),
  );
  return {
    pulumi: join(home, "bin", "pulumi"),
    environment: {
      PATH: `${join(home, "bin")}${delimiter}${process.env.PATH ?? ""}`,
      PULUMI_HOME: home,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // This tool chain is for machines that can fetch nothing. Pulumi would try to fetch plugins for minutes.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
    },
    identity: basename(home),
  };
}

/** The script that starts the program's dynamic provider. A release has the same script beside the CLI. */
const launcher = join(root, "node_modules", "@pulumi", "pulumi", "pulumi-resource-pulumi-nodejs");

async function inTurn(first: GoTool, second: GoTool, go: string): Promise<[string, string]> {
  return [await goBuild(first, go), await goBuild(second, go)];
}

/**
 * Fills a PULUMI_HOME. The programs are links into the cache, because Pulumi adds its workspaces and credentials to the
 * folder.
 */
async function layOutHome(
  home: string,
  tools: { pulumi: string; languageHost: string; bridgePlugin: string; libvirtProvider: string },
): Promise<void> {
  await place(tools.pulumi, home, "bin", "pulumi");
  // Pulumi takes these two without a warning only from the CLI's own folder.
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
