import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cached, root } from "../cache.js";
import { phase } from "../progress.js";

/** A program that is compiled from Go modules. */
export interface GoTool {
  /** The folder, in tools/toolchain, with go.mod, go.sum and, if the program is our own, its sources. */
  readonly folder: string;
  /** The package to compile: the path of a module's package, or `.` for the folder's own. */
  readonly package: string;
  readonly binary: string;
  readonly tags?: string;
  /** Variables that the linker sets: mostly versions. */
  readonly variables: readonly string[];
}

/** A process of the compiler ends before its garbage matters, unless it is large. This saves a quarter of the CPU's time. */
const UNCOLLECTED = { GOGC: "off", GOMEMLIMIT: "1GiB" };

const abandoned = new AbortController();

/** Ends the builds that are still running, because nobody needs them any more. */
export function abandonBuilds(): void {
  abandoned.abort();
}

/** The version of the Go compiler on PATH. */
export async function goVersion(): Promise<string> {
  try {
    return (await promisify(execFile)("go", ["env", "GOVERSION"], { cwd: root })).stdout.trim();
  } catch (cause) {
    throw new Error(
      "There is neither a recent Pulumi CLI nor Go to build one: install Pulumi (https://www.pulumi.com/docs/install) " +
        "or Go 1.26 or later (https://go.dev/doc/install), put it on PATH and try again.",
      { cause },
    );
  }
}

/**
 * Returns the path of the compiled program. The program is compiled when its sources, versions or flags or the compiler
 * have changed.
 */
export async function goBuild(tool: GoTool, go: string): Promise<string> {
  const source = join(root, "tools", "toolchain", tool.folder);
  const folder = await cached(tool.folder, { tool, go, source: await contentOf(source) }, (making) =>
    phase(`building ${tool.folder} from source`, () => compile(tool, source, making)),
  );
  return join(folder, tool.binary);
}

async function compile(tool: GoTool, source: string, folder: string): Promise<void> {
  // A copy, because Go completes go.mod and go.sum in place with -mod=mod.
  const copy = join(folder, "source");
  await cp(source, copy, { recursive: true });
  const linker = ["-s", "-w", ...tool.variables.flatMap((variable) => ["-X", variable])].join(" ");
  const flags = ["-mod=mod", "-buildvcs=false", "-trimpath", "-tags", tool.tags ?? "", "-ldflags", linker];
  const { execa } = await import("execa");
  // Tests or the lab's preparation run at the same time and have priority. Both cores have work either way.
  const niced = ["-n", "10", "go", "build", ...flags, "-o", join(folder, tool.binary), tool.package];
  const { failed, stderr } = await execa("nice", niced, {
    cwd: copy,
    env: { CGO_ENABLED: "0", GOWORK: "off", ...UNCOLLECTED },
    reject: false,
    ...{ cancelSignal: abandoned.signal, killSignal: "SIGINT" as const },
  });
  if (failed) {
    const reason = stderr.split("\n").filter((line) => !line.startsWith("go: downloading "));
    throw new Error(`Building ${tool.folder} with go build ${tool.package} failed: ${reason.join("\n").trim()}`);
  }
  await rm(copy, { recursive: true });
}

async function contentOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(folder)).sort()) hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest("hex");
}
