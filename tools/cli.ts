import { pulumi } from "./pulumi.js";
import { abandonToolchain } from "./toolchain/index.js";

/**
 * The commands behind `npm start`, `npm test`, `npm run lab` and the others of package.json; commands.mjs describes them.
 * Pulumi judges its words by itself: for the command that runs most, nothing is loaded that only others need.
 */
export async function main(args: string[]): Promise<void> {
  try {
    const [command, ...words] = args;
    if (command === "pulumi") process.exitCode = await pulumi(words);
    else await (await import("./others.js")).run(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    abandonToolchain();
  }
}
