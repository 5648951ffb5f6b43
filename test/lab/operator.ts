import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LabStack, type Ran, root, run } from "./stack";

/**
 * Runs the command `pulumi-lvs` in a lab's network. A program in Pulumi's place prints the stack's state, which was
 * asked for outside of that network.
 */
export async function operate(lab: LabStack, ...words: string[]): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), "lvs-operator-"));
  try {
    const { output } = await run(["pulumi", "stack", "export", "--show-secrets", "-s", lab.name]);
    await writeFile(join(folder, "state.json"), output.slice(output.indexOf("{")), { mode: 0o600 });
    await writeFile(join(folder, "Pulumi.yaml"), "name: pulumi-lvs\nruntime: nodejs\n");
    await writeFile(join(folder, "pulumi"), `#!/bin/sh\ncat '${folder}/state.json'\n`, { mode: 0o755 });
    const command = [process.execPath, join(root, "sdk", "dist", "bin.js"), ...words].map((word) => `'${word}'`);
    const script = `cd '${folder}' && PATH='${folder}':$PATH exec ${command.join(" ")}`;
    return await run(["lab", "run", lab.name, "sh", "-c", script]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
