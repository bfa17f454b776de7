import type { LookupAddress } from 'node:dns';
import { AddressGuard } from './address-guard.js';
import { AddressForbidden, guardedLookup } from './guarded-lookup.js';

type Found = string | LookupAddress[];

const lookUp = (addresses: readonly string[], options: { readonly all?: boolean }) => {
  const guard = new AddressGuard([], async () => addresses.map((address) => ({ address })));
  return new Promise<readonly [Found, number?]>((resolve, reject) => {
    guardedLookup(guard)('hooks.test', options, (error, address, family) => {
      if (error === null) resolve([address, family]);
      else reject(error);
    });
  });
};

describe('a guarded look-up', () => {
  it('hands out all permitted addresses, or the first of them', async () => {
    const addresses = ['127.0.0.1', '8.8.8.8', 'fd00::1', '2606:4700::1'];
    expect(await lookUp(addresses, { all: true })).toEqual([
      [
        { address: '8.8.8.8', family: 4 },
        { address: '2606:4700::1', family: 6 },
      ],
      undefined,
    ]);
    expect(await lookUp(addresses, {})).toEqual(['8.8.8.8', 4]);
  });

  it('fails when none is permitted, and does not tell them', async () => {
    const refused = lookUp(['127.0.0.1', '::1'], { all: true });
    await expect(refused).rejects.toBeInstanceOf(AddressForbidden);
    await expect(refused).rejects.not.toThrow('127.0.0.1');
  });
});
