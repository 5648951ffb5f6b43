import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../cache.js";
import type { NewProject } from "./project.js";

/** What fails inside of each package in a program of the project, and the line of the source that fails. */
const FAILING = {
  sdk: { program: 'new (require("pulumi-lvs").DrCluster)("a", {})', line: "throw new ArgumentError(" },
  provider: { program: 'require("pulumi-lvs-provider/operations").hostOf(null)', line: "function hostOf({ inputs }" },
};

/** Expects that a stack trace of an installed package names the source and the line that failed. */
export async function tracesOf(project: NewProject): Promise<void> {
  for (const [folder, { program, line }] of Object.entries(FAILING)) {
    const script = `try { ${program} } catch (error) { console.log(error.stack) }`;
    const trace = await project.run(process.execPath, "--enable-source-maps", "-e", script);
    const [, file = "", at = ""] = /pulumi-lvs(?:-provider)?\/([\w/-]+\.ts):(\d+):\d+/.exec(trace) ?? [];
    const source = file === "" ? "" : await readFile(join(root, folder, file), "utf8");
    if (!source.split("\n")[Number(at) - 1]?.includes(line))
      throw new Error(`a stack trace of ${folder} does not name the line with "${line}":\n${trace}`);
  }
}
