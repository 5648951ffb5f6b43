// Node runs this file first in the processes that Pulumi starts. Pulumi loads TypeScript and npm's arborist in each of them,
// which takes a third of the CPU's time of a whole command. It needs both only to write functions into a state, as dynamic
// resources of other projects do. Here each is loaded when one of its properties is first asked for.
const Module = require("node:module");
const { join } = require("node:path");
const whenAsked = require("./when-asked.cjs");

const LATER = {
  "@npmcli/arborist": join("@pulumi", "pulumi", "runtime", "closure", "codePaths.js"),
  typescript: join("@pulumi", "pulumi", "typescript-shim.js"),
};

const load = Module._load;

Module._load = function (name, parent, ...more) {
  const by = Object.hasOwn(LATER, name) && LATER[name];
  if (!by || !parent?.filename?.endsWith(by)) return load.call(this, name, parent, ...more);
  return whenAsked(() => load.call(this, name, parent, ...more));
};
