/** Starts the built embedded broker where its program cannot be run, and says what it is told. */
import { join } from 'node:path';
import { startEmbeddedBroker } from '../../../dist/platform/embedded-broker.js';

const [, , dataDir] = process.argv;
const silent = { log: () => {}, warn: () => {}, error: () => {} };
process.execPath = join(dataDir, 'no-such-program');
await startEmbeddedBroker({ dataDir, port: 0 }, silent).catch(({ code }) => process.send({ code }));
process.disconnect();
