import type { Peer } from '../peer.js';

/** A peer that is there until the signal says otherwise. */
export function peerFrom(host = '/127.0.0.1', closed = new AbortController().signal): Peer {
  return { host, closed };
}
