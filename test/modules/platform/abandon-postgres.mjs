/** Starts the built embedded Postgres, says its process id, and is killed with it running. */
import { startEmbeddedPostgres } from '../../../dist/platform/postgres/embedded-postgres.js';

const silent = { log: () => {}, warn: () => {}, error: () => {} };
const postgres = await startEmbeddedPostgres(process.argv[2], silent);
process.send({ pid: postgres.pid(), url: postgres.url });
