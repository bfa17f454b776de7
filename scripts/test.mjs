/**
 * `npm test`: every check, one after the other, and at the end one line with the number of checks
 * and tests that passed and failed. Arguments go to Jest: `npm test -- --selectProjects unit`.
 * Without any, all projects run but `long`, which `npm run test:long` is for, and `clients`, which
 * `npm run test:kafka` is for.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const bin = (path) => join(root, 'node_modules', path);

const checks = [
  ['build', [join(root, 'scripts/build.mjs')]],
  ['typecheck', [bin('typescript/bin/tsc'), '-p', 'tsconfig.json']],
  ['lint', [bin('oxlint/bin/oxlint')]],
  ['format', [bin('prettier/bin/prettier.cjs'), '--check', '.', '--log-level', 'warn']],
];

/** Runs a program of Node's and tells whether it succeeded. */
function run(args) {
  const environment = { ...process.env, NODE_NO_WARNINGS: '1' };
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: environment,
  });
  return status === 0;
}

/** Passed and failed tests of all Jest projects; a file that cannot run counts as a failure. */
function runJest(args) {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-jest-'));
  const report = join(directory, 'report.json');
  try {
    const succeeded = run([
      '--experimental-vm-modules',
      bin('jest/bin/jest.js'),
      '--json',
      `--outputFile=${report}`,
      ...args,
    ]);
    const counts = JSON.parse(readFileSync(report, 'utf8'));
    const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
    return { passed: counts.numPassedTests, failed: failed === 0 && !succeeded ? 1 : failed };
  } catch (error) {
    process.stderr.write(`Jest gave no report: ${error.message}\n`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const total = { passed: 0, failed: 0 };
for (const [name, args] of checks) {
  const succeeded = run(args);
  process.stdout.write(`${succeeded ? 'ok    ' : 'FAILED'} ${name}\n`);
  total[succeeded ? 'passed' : 'failed'] += 1;
}
const given = process.argv.slice(2);
const tests = runJest(given.length > 0 ? given : ['--ignoreProjects', 'long', 'clients']);
const passed = total.passed + tests.passed;
const failed = total.failed + tests.failed;
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && tests.passed > 0 ? 0 : 1);
