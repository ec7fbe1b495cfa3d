// Sums what the suites' reports say and ends the run: 0 only if nothing failed, nothing skipped and every suite reported.
import { readdirSync, readFileSync } from 'node:fs';

const SUITES = [
  'npm test',
  'real servers',
  'lab',
  'observe',
  'spans',
  'deploy',
  'grafana',
  'pages',
  'attack',
  'shards',
  'simulated',
  'parity',
  'bare',
  'kubernetes',
];
const [folder, failedSteps] = process.argv.slice(2);
const reported = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
const missing = SUITES.filter((suite) => !reported.includes(suite));
const sum = { passed: 0, failed: missing.length, skipped: 0 };
for (const suite of reported) {
  const report = JSON.parse(readFileSync(`${folder}/${suite}.json`, 'utf8'));
  sum.passed += report.numPassedTests;
  sum.failed += report.numFailedTests;
  sum.skipped += report.numPendingTests + report.numTodoTests;
  const skipped = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => !['passed', 'failed'].includes(status)),
  );
  for (const test of skipped) console.log(`skipped in ${suite}: ${test.fullName}`);
}
for (const suite of missing) console.log(`no report: ${suite}`);
// A step that failed without a failed test (types, lint, a suite that broke off) still fails the run.
if (Number(failedSteps) > 0 && sum.failed === 0) sum.failed = Number(failedSteps);
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exit(sum.failed > 0 || sum.skipped > 0 || sum.passed === 0 ? 1 : 0);
