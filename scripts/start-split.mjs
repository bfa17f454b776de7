/**
 * `npm run start:split`: one process per module, on one embedded Postgres and one embedded broker
 * (or those that DATABASE_URL and KAFKA_BROKERS name). Each listens on a port of its own, from
 * MILLRACE_HTTP_PORT upwards (0: any). Ctrl-C drains all.
 */
import { getReadyToRun } from './ready-to-run.mjs';

await getReadyToRun();
await import('../dist/split.js');
