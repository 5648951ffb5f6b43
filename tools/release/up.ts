import { ensureKernel } from "../kernel/index.js";
import { whyNoOwnNetwork } from "../own-network.js";
import { jest } from "../test/jest.js";
import { isGood } from "../test/summary.js";
import type { NewProject } from "./project.js";

/**
 * Brings the site of an installed project up on hosts with a kernel that has IPVS, asks it, and takes it away
 * (test/packed). Where such hosts cannot be made, it says so.
 */
export async function upOf({ folder, env, pulumiCli }: NewProject): Promise<void> {
  const hindrance = await whyNoOwnNetwork();
  if (hindrance) return console.log(`\`pulumi up\` was not tried: ${hindrance}`);
  const tests = await jest({
    ...{ tier: "engine", project: "packed", workers: "1", separate: true, only: { files: [] } },
    env: { LVS_KERNEL: await ensureKernel(), LVS_PACKED: JSON.stringify({ folder, env, pulumi: pulumiCli }) },
  });
  if (!isGood(tests)) throw new Error("the site of the packed packages does not come up");
}
