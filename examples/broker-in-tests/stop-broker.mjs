/** Jest's globalTeardown. */
export default () => globalThis.broker.stop();
