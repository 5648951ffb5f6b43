// Node runs this file first in the processes that Pulumi starts. Pulumi loads TypeScript and npm's arborist in each of them,
// which takes a third of the CPU's time of a whole command. It needs both only to write functions into a state, as dynamic
// resources of other projects do. Here each is loaded when one of its properties is first asked for.
const Module = require("node:module");
const { join } = require("node:path");

const LATER = {
  "@npmcli/arborist": join("@pulumi", "pulumi", "runtime", "closure", "codePaths.js"),
  typescript: join("@pulumi", "pulumi", "typescript-shim.js"),
};

const load = Module._load;

Module._load = function (name, parent, ...more) {
  const by = Object.hasOwn(LATER, name) && LATER[name];
  if (!by || !parent?.filename?.endsWith(by)) return load.call(this, name, parent, ...more);
  let loaded;
  const whole = () => {
    loaded ??= load.call(this, name, parent, ...more);
    return loaded;
  };
  return new Proxy(
    {},
    {
      // Compiled imports ask for this one at once, and take what says true as it is.
      get: (_, property) => property === "__esModule" || whole()[property],
      has: (_, property) => property in whole(),
      ownKeys: () => Reflect.ownKeys(whole()),
      getOwnPropertyDescriptor: (_, property) => ({
        ...Object.getOwnPropertyDescriptor(whole(), property),
        configurable: true,
      }),
    },
  );
};
