// Reports the tests while they run, because some take minutes. Quick tests that pass are only counted. `npm test` adds
// up several runs and gets every result: a line of JSON for each file of tests (tools/test/jest.ts).
const { writeSync } = require("node:fs");

const SLOW = 1000;

// Standard output belongs to the tests' own prints.
const say = (text) => process.stderr.write(`${text}\n`);

const results = Number(process.env.LVS_TEST_RESULTS);

const STATUS = { passed: "passed", failed: "failed" };

module.exports = class Progress {
  onTestCaseResult(test, { status, ancestorTitles, title, duration, failureMessages }) {
    const name = nameOf(fileOf(test), [...ancestorTitles, title]);
    const took = duration >= SLOW ? ` (${(duration / 1000).toFixed(0)} s)` : "";
    if (status === "failed") say(`  ✕ ${name}${took}\n${failureMessages.join("\n").replace(/^/gm, "      ")}`);
    else if (duration >= SLOW) say(`  ✓ ${name}${took}`);
  }

  onTestResult(test, { numPassingTests, numFailingTests, numPendingTests, testResults, testExecError }) {
    const file = fileOf(test);
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
    say(`${file}: ${numPassingTests} passed, ${numFailingTests} failed${skipped}`);
    for (const { status, fullName } of testResults) if (status === "pending") say(`  - skipped: ${fullName}`);
    const problem = testExecError && `${testExecError.stack ?? testExecError.message ?? testExecError}`;
    if (problem) say(problem);
    if (results) writeSync(results, `${JSON.stringify({ file, tests: testResults.map(toTested(file)), problem })}\n`);
  }
};

const fileOf = (test) => test.path.slice(test.context.config.rootDir.length + 1);

/** Several runs report at the same time, so each name begins with its file. */
const nameOf = (file, titles) => `${file.replace(/^test\/|\.test\.ts$/g, "")}: ${titles.join(" › ")}`;

const toTested =
  (file) =>
  ({ status, ancestorTitles, title, duration, failureMessages }) => ({
    name: nameOf(file, [...ancestorTitles, title]),
    status: STATUS[status] ?? "skipped",
    seconds: (duration ?? 0) / 1000,
    ...(status === "failed" && { why: failureMessages.join("\n") }),
  });
