import { jest } from "./test/jest.js";
import { isGood } from "./test/summary.js";

/** Draws the experiments anew. The test that compares their pictures with the programs draws them. */
export async function pictures(): Promise<number> {
  const only = { files: ["test/sdk/pictures.test.ts"] };
  return isGood(await jest({ tier: "units", only, env: { LVS_PICTURES: "write" } })) ? 0 : 1;
}
