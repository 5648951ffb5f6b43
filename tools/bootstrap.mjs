// The first step of `npm start`, `npm test`, `npm run lab` and `npm run pulumi`. This file is plain Node, because
// nothing is installed yet in a fresh clone. It answers `--help` and wrong words, installs the npm packages, compiles what needs no tool chain, and calls
// tools/cli.ts. The commands that need the tool chain wait for it there (tools/toolchain/index.ts). The rest is
// compiled then.
import { answer } from "./commands.mjs";
import { compileFirst } from "./compile.mjs";
import { installPackages, keepPackages } from "./npm-packages.mjs";

const answered = answer(process.argv.slice(2));
if (answered) {
  (answered.exit === 0 ? console.log : console.error)(answered.text);
  process.exit(answered.exit);
}
try {
  const isNew = installPackages();
  await compileFirst();
  if (isNew) await keepPackages((await import("./dist/cache.js")).cached);
} catch (problem) {
  console.error(problem.message);
  process.exit(1);
}
const { main } = await import("./dist/cli.js");
await main(process.argv.slice(2));
