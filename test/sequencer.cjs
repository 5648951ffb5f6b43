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
  "kernel/failover.long",
  "kernel/second-director.long",
  "kernel/replaced-director.long",
  "kernel/ecmp-health.long",
  "kernel/hands.long",
  "kernel/hands-keepalived.long",
  "kernel/power",
  "kernel/advice.long",
  "kernel/table-kinds",
  "kernel/adopt.long",
  "kernel/cuts",
  "kernel/operate",
  "kernel/firewall-rule",
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
