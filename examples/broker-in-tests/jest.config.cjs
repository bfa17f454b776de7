/** Jest without flags: Jest's own process starts one broker, and tells all test files where it is. */
module.exports = {
  testMatch: ['**/*.jest.test.cjs'],
  globalSetup: './start-broker.mjs',
  globalTeardown: './stop-broker.mjs',
};
