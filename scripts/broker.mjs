/** `npm run broker -- --port N --data-dir D`: the embedded broker alone, in this same process. */
import { getReadyToRun } from './ready-to-run.mjs';

await getReadyToRun();
await import('../dist/kafka/broker/main.js');
