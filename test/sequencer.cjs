const { default: Sequencer } = require("@jest/test-sequencer");

// These files begin first, and the others run meanwhile. They take longest, or sleep most of a minute until a host
// undoes something by itself.
const FIRST = [
  "namespaces/risky-cut",
  "namespaces/default-route",
  "namespaces/ways-back",
  "kernel/power",
  "kernel/failover",
  "kernel/power-moments",
  "kernel/cuts",
];

const place = ({ path }) => {
  const found = FIRST.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return found < 0 ? FIRST.length : found;
};

module.exports = class extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => place(one) - place(other));
  }
};
