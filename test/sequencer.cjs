const { default: Sequencer } = require("@jest/test-sequencer");

// These wait until a host undoes something by itself, most of a minute: they begin first, and the others run meanwhile.
const SLEEPERS = ["namespaces/risky-cut", "namespaces/default-route"].map((name) => `/test/${name}.test.ts`);

const sleeps = ({ path }) => SLEEPERS.some((name) => path.endsWith(name));

module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [...sorted.filter(sleeps), ...sorted.filter((test) => !sleeps(test))];
  }
};
