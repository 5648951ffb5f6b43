import { filesOf, PARTS } from "./test/parts.js";
import { isGood, type Tested } from "./test/summary.js";

/** The tests that compare the pictures in docs/pictures with what they show: they draw them anew as well. */
const FILES = ["test/sdk/pictures.test.ts", "test/namespaces/page.test.ts"];

/** Draws the experiments, and the page of `pulumi-lvs graph` with its picture. */
export async function pictures(): Promise<number> {
  process.env.LVS_PICTURES = "write";
  const tests: Tested[] = [];
  for (const part of PARTS) {
    const files = filesOf(part, FILES);
    if (files.length > 0) tests.push(...(await part.run({ thorough: false, whole: false, only: { files } })));
  }
  return isGood(tests) ? 0 : 1;
}
