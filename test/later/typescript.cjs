// Tests load Pulumi's SDK in every file, and it loads TypeScript, a tenth of what it takes to load both. Few ask for it.
module.exports = require("../../tools/toolchain/when-asked.cjs")(() => require("../../node_modules/typescript"));
