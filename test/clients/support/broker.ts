import { madeReady } from './made-ready.js';

/** `host:port` of the broker that the clients speak to; global-setup.mjs sees to it. */
export function brokerAddress(): string {
  return madeReady('MILLRACE_CLIENTS_BROKER');
}
