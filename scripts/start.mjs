/** `npm start`: compiles what changed, then runs Millrace in this same process. */
import { getReadyToRun } from './ready-to-run.mjs';

await getReadyToRun();
await import('../dist/main.js');
