/** `npm run broker -- --port N --data-dir D`: compiles what changed, then runs the broker alone. */
import { getReadyToRun } from './ready-to-run.mjs';

await getReadyToRun();
await import('./run-broker.mjs');
