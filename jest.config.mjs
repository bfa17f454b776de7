import { readFileSync } from 'node:fs';

/** Jest projects, one per kind of test. `npm test` runs all of them; see CONTRIBUTING.md. */
const swcrc = JSON.parse(readFileSync('.swcrc', 'utf8'));
/** The build's compiler options, but for specs too, which the build leaves out. */
const swcOptions = { ...swcrc, $schema: undefined, exclude: [], swcrc: false };

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
};

const project = (displayName, testMatch, more = {}) => ({
  ...shared,
  displayName,
  testMatch: testMatch.map((pattern) => `<rootDir>/${pattern}`),
  ...more,
});

const withServers = {
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
};

export default {
  maxWorkers: 2,
  testTimeout: 60_000,
  projects: [
    project('unit', ['src/**/*.spec.ts']),
    project('architecture', ['test/architecture/**/*.test.ts']),
    project('conformance', ['test/conformance/**/!(*.long).test.ts']),
    project('modules', ['test/modules/**/*.test.ts'], withServers),
    project('e2e', ['test/e2e/**/!(*.long).test.ts'], withServers),
    project('split', ['test/split/**/*.test.ts'], withServers),
    project('crash', ['test/crash/**/!(*.long).test.ts']),
    // Needs a JVM and Maven: not part of `npm test` either, see test/kafka/run.mjs.
    project('clients', ['test/clients/**/*.test.ts'], {
      globalSetup: '<rootDir>/test/clients/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/clients/support/global-teardown.mjs',
    }),
    // Minutes each: not part of `npm test`, see scripts/test.mjs.
    project('long', ['test/**/*.long.test.ts'], withServers),
  ],
};
