import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import type { AddressGuard, JudgedAddress } from './address-guard.js';

/**
 * A connection was not made, because its address is not permitted. Not sent to callers as it is:
 * who connects gives it a code. The addresses stay untold, so that nobody can ask for the inside.
 */
export class AddressForbidden extends Error {
  constructor(readonly host: string) {
    super(`${host} is, or resolves to, an address that may not be connected to.`);
    this.name = 'AddressForbidden';
  }
}

type Permitted = readonly [JudgedAddress, ...JudgedAddress[]];

/**
 * A `lookup` for `net.connect` and `tls.connect` that hands out permitted addresses only, so that
 * the address judged is the address connected to. Not called for literal addresses: these go to
 * `AddressGuard.judgeHost` before connecting.
 *
 * Fails with AddressForbidden when a name has no permitted address, or with the resolver's error.
 */
export function guardedLookup(guard: AddressGuard): LookupFunction {
  const resolve = callbackify(async (host: string): Promise<Permitted> => {
    const [first, ...rest] = (await guard.resolve(host)).filter(({ permitted }) => permitted);
    if (first === undefined) throw new AddressForbidden(host);
    return [first, ...rest];
  });
  return (host, options, callback) => {
    resolve(host, (error, permitted) => {
      if (error !== null) callback(error, []);
      else if (options.all === true) callback(null, permitted.map(asLookedUp));
      else callback(null, permitted[0].address, permitted[0].family);
    });
  };
}

const asLookedUp = ({ address, family }: JudgedAddress) => ({ address, family });
