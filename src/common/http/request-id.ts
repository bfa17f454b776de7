import { randomBytes } from 'node:crypto';

const ofThisProcess = randomBytes(5).toString('hex');
let count = 0;

/** Names a request in answers and in the log; unique across processes and restarts. */
export function newRequestId(): string {
  count += 1;
  return `req_${ofThisProcess}${count.toString(36)}`;
}
