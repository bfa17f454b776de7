import { buildConnector } from 'undici';
import type { AddressGuard } from '../../../common/net/address-guard.js';
import { AddressForbidden, guardedLookup } from '../../../common/net/guarded-lookup.js';
import { connectTimeoutMs } from './send-limits.js';

/** Certificates that are trusted beside the system's, in PEM. */
interface Trust {
  readonly ca?: string;
}

/**
 * Connects undici to addresses that the guard permits and to no others: a literal address is
 * judged here, a name's addresses when they are looked up for this connection. TLS goes on to
 * verify the certificate for the URL's host. Connections that are used again were judged when
 * they were made.
 */
export function guardedConnector(guard: AddressGuard, trust: Trust = {}): buildConnector.connector {
  const connect = buildConnector({
    ...trust,
    lookup: guardedLookup(guard),
    timeout: connectTimeoutMs,
  });
  return (target, callback) => {
    if (guard.judgeHost(target.hostname) === 'forbidden') {
      // Later, as any connection fails: undici does not expect it before the call returns.
      queueMicrotask(() => callback(new AddressForbidden(target.hostname), null));
      return;
    }
    connect(target, callback);
  };
}
