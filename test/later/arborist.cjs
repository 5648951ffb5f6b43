// As TypeScript beside this file.
module.exports = require("../../tools/toolchain/when-asked.cjs")(() => require("../../node_modules/@npmcli/arborist"));
