// Tells how the tests go while they go: some take minutes. Tests that are quick and pass are only counted.
const SLOW = 1000;

// Standard output is for Jest's own JSON.
const say = (text) => process.stderr.write(`${text}\n`);

module.exports = class Progress {
  onTestCaseResult(_, { status, ancestorTitles, title, duration, failureMessages }) {
    const name = [...ancestorTitles, title].join(" › ");
    const took = duration >= SLOW ? ` (${(duration / 1000).toFixed(0)} s)` : "";
    if (status === "failed") say(`  ✕ ${name}${took}\n${failureMessages.join("\n").replace(/^/gm, "      ")}`);
    else if (duration >= SLOW) say(`  ✓ ${name}${took}`);
  }

  onTestResult(test, { numPassingTests, numFailingTests, numPendingTests, testResults, testExecError }) {
    const file = test.path.slice(test.context.config.rootDir.length + 1);
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
    say(`${file}: ${numPassingTests} passed, ${numFailingTests} failed${skipped}`);
    for (const { status, fullName } of testResults) if (status === "pending") say(`  - skipped: ${fullName}`);
    if (testExecError) say(`${testExecError.stack ?? testExecError.message ?? testExecError}`);
  }
};
