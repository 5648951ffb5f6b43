// Pulumi's SDK loads TypeScript in every file of tests that imports it. Few files ask for it.
module.exports = require("../../tools/toolchain/when-asked.cjs")(() => require("../../node_modules/typescript"));
