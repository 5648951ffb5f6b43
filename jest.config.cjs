/** Types are checked by `tsc`; here they are only taken off. */
const transform = { "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }] };

const tier = (displayName, testMatch, testPathIgnorePatterns = []) => ({
  displayName,
  testEnvironment: "node",
  testMatch,
  testPathIgnorePatterns,
  // The generated SDK carries its package.json a second time beside what is compiled of it: two packages of one name.
  modulePathIgnorePatterns: ["<rootDir>/sdks/[^/]+/bin/package.json"],
  transform,
});

module.exports = {
  // A hang, not a measure of speed: other tests share the machine. Jest heeds it here alone, not in a project.
  testTimeout: 30_000,
  projects: [
    tier("units", ["<rootDir>/test/**/*.test.ts"], ["<rootDir>/test/namespaces/", "<rootDir>/test/kernel/", "<rootDir>/test/lab/"]),
    tier("namespaces", ["<rootDir>/test/namespaces/**/*.test.ts"]),
    tier("kernel", ["<rootDir>/test/kernel/**/*.test.ts"]),
    tier("lab", ["<rootDir>/test/lab/**/*.test.ts"]),
    // Started by a test of the lab, in the lab's namespace.
    tier("inside", ["<rootDir>/test/lab/**/*.inside.ts"]),
  ],
};
