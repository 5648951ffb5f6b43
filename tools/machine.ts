import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { execa } from "execa";
import { phase } from "./progress.js";

/** Programs, each by its name or by its path, with the Debian package that has it. */
export type Programs = Readonly<Record<string, string>>;

/**
 * Makes sure that programs are installed on this machine.
 *
 * @param purpose what needs them, for messages
 */
export function ensurePrograms(purpose: string, programs: Programs): Promise<void> {
  // The checks run one after the other. Several may need apt at the same time, and apt serves one process.
  const ensured = former.then(() => ensure(purpose, programs));
  former = ensured.catch(() => {});
  return ensured;
}

let former: Promise<void> = Promise.resolve();

async function ensure(purpose: string, programs: Programs): Promise<void> {
  const missing = await missingPackages(programs);
  if (missing.length === 0) return;
  if (!(await onPath("apt-get")))
    throw new Error(`${purpose}: missing here, and there is no apt-get to install it: ${missing.join(", ")}`);
  await phase(`installing ${missing.join(", ")}`, () => install(purpose, missing));
  const still = await missingPackages(programs);
  if (still.length > 0) throw new Error(`${purpose}: still missing after installing them: ${still.join(", ")}`);
}

async function missingPackages(programs: Programs): Promise<string[]> {
  const absent = new Set<string>();
  for (const [program, owner] of Object.entries(programs)) if (!(await onPath(program))) absent.add(owner);
  return [...absent].sort();
}

/** Looks in the folders of sbin, too: a root shell opened by `su` has no sbin in its PATH. */
async function onPath(program: string): Promise<boolean> {
  const folders = isAbsolute(program) ? ["/"] : [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  for (const folder of folders) {
    try {
      await access(join(folder, program));
      return true;
    } catch {}
  }
  return false;
}

async function install(purpose: string, packages: string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  try {
    await execa("apt-get", ["update", "--quiet"], { env });
    await execa("apt-get", ["install", "--yes", "--quiet", "--no-install-recommends", ...packages], { env });
  } catch (cause) {
    const said = (cause instanceof Error ? cause.message : String(cause)).split("\n").slice(-15).join("\n");
    throw new Error(
      `${purpose}: installing ${packages.join(", ")} failed; install them by hand and try again.\n${said}`,
      {
        cause,
      },
    );
  }
}
