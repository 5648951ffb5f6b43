const { default: Sequencer } = require("@jest/test-sequencer");

// These files begin first, and the others run meanwhile. They take longest, or sleep most of a minute until a host
// undoes something by itself.
const FIRST = [
  "namespaces/cut",
  "namespaces/firewall-rule",
  "namespaces/ways-back",
  "namespaces/default-route",
  "namespaces/routing-rule",
  "namespaces/risky-cut",
  "kernel/failover",
  "kernel/second-director",
  "kernel/replaced-director",
  "kernel/ecmp-health",
  "kernel/hands",
  "kernel/hands-keepalived",
  "kernel/power",
  "kernel/advice",
  "kernel/table-kinds",
  "kernel/adopt",
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
