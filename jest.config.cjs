/** Types are checked by `tsc`; here they are only taken off. */
const jsc = {
  parser: { syntax: "typescript", decorators: true },
  transform: { decoratorVersion: "2022-03" },
  target: "es2022",
};
const transform = { "^.+\\.ts$": ["@swc/jest", { jsc }] };

const OTHERS = ["style", "shop", "namespaces", "kernel", "engine", "lab", "bench", "packed"].map(
  (folder) => `<rootDir>/test/${folder}/`,
);

const GENERATED = "<rootDir>/test/sdk/lab/";

const OWN_HOSTS = "<rootDir>/test/engine/own-";

const WAYS = ["<rootDir>/test/engine/ways.test.ts"];

const LAN = ["<rootDir>/test/lab/lan.test.ts"];

const tier = (displayName, testMatch, testPathIgnorePatterns = []) => ({
  displayName,
  testEnvironment: "<rootDir>/test/environment.cjs",
  // A component's outputs may be resolved after its test. Jest would warn that Pulumi still uses its global objects.
  testEnvironmentOptions: { globalsCleanup: "off" },
  testMatch,
  testPathIgnorePatterns,
  // Not under /tmp, where it is by itself: what runs in namespaces of its own has no lasting one.
  cacheDirectory: "<rootDir>/node_modules/.cache/jest",
  // The generated SDK carries its package.json a second time beside what is compiled of it: two packages of one name.
  // The templates have one placeholder for their names.
  // The tool chain makes its part in a folder that goes again, while tests of other tiers begin.
  modulePathIgnorePatterns: ["<rootDir>/sdks/[^/]+/bin/package.json", "<rootDir>/sdks/[.]", "<rootDir>/templates/"],
  transform,
  // Pulumi's SDK loads both, and needs them only to write functions into a state.
  moduleNameMapper: {
    "^typescript$": "<rootDir>/test/later/typescript.cjs",
    "^@npmcli/arborist$": "<rootDir>/test/later/arborist.cjs",
  },
});

module.exports = {
  // A hang, not a measure of speed: other tests share the machine. Jest heeds it here alone, not in a project.
  testTimeout: 120_000,
  testSequencer: "<rootDir>/test/sequencer.cjs",
  projects: [
    tier("style", ["<rootDir>/test/style/**/*.test.ts"]),
    tier("units", ["<rootDir>/test/**/*.test.ts"], [...OTHERS, GENERATED]),
    // Tests of the tier units, too, but of what imports @pulumi/libvirt: the tool chain generates it.
    tier("generated", [`${GENERATED}**/*.test.ts`]),
    // Of the tier units as well, with the artefact of examples/shop.
    tier("shop", ["<rootDir>/test/shop/**/*.test.ts"]),
    tier("namespaces", ["<rootDir>/test/namespaces/**/*.test.ts"]),
    tier("engine", ["<rootDir>/test/engine/**/*.test.ts"], [OWN_HOSTS, ...WAYS]),
    // Of the tier engine, too; the three take turns with other parts.
    tier("own", [`${OWN_HOSTS}*.test.ts`]),
    tier("ways", WAYS),
    tier("kernel", ["<rootDir>/test/kernel/**/*.test.ts"]),
    tier("lab", ["<rootDir>/test/lab/**/*.test.ts"], LAN),
    // Of the tier lab, too; beside the others, which take as long together.
    tier("lan", LAN),
    // Not a tier: `npm run bench` measures, and no test does.
    tier("bench", ["<rootDir>/test/bench/**/*.bench.ts"]),
    // Not a tier: `npm run release` has it try what was packed and installed.
    tier("packed", ["<rootDir>/test/packed/**/*.test.ts"]),
    // Started by a test of the lab, in the lab's namespace.
    tier("inside", ["<rootDir>/test/lab/**/*.inside.ts"]),
  ],
};
