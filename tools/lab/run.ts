import { runHere } from "../run-here.js";
import { clientNamespace, namespaces, place } from "./place.js";

/** Runs a command inside the lab's namespace, or on its nth client host, and returns its exit code. */
export async function labRun(
  stack: string,
  argv: readonly string[],
  options: { client?: number; env?: Record<string, string>; cwd?: string } = {},
): Promise<number> {
  const lab = place(stack);
  const namespace = options.client ? clientNamespace(lab, options.client) : lab.namespace;
  if (!(await namespaces()).includes(namespace))
    throw new Error(
      options.client
        ? `lab ${stack}: client ${options.client} is not up. Run: npm run lab -- up ${stack} --clients ${options.client}`
        : `lab ${stack}: it is not up. Run: npm run lab -- up ${stack}`,
    );
  return runHere("ip", ["netns", "exec", namespace, ...argv], options);
}
