import type { Settings } from '../config/settings.js';
import type { KeyState } from '../kafka/contracts/access.contracts.js';
import type { StateTable } from '../kafka/transport/state/state-table.js';
import { hashOf, newApiKey } from './api-key.js';
import { KeyInvalid, KeyMissing, TooManyUnknownKeys } from './auth.errors.js';
import { KeyVerifier } from './key-verifier.js';
import { PendingLookups } from './pending-lookups.js';
import { ADMIN } from './principal.js';

const adminKey = newApiKey();

/** A state table of keys, with keys that arrive only while somebody waits for them. */
class Keys {
  readonly known = new Map<string, KeyState>();
  readonly arriving = new Map<string, KeyState>();
  lookups = 0;

  readonly verifier = new KeyVerifier(
    { adminKey } as Settings,
    {
      indexBy: () => ({
        get: (hash: string) => this.known.get(hash),
        lookup: async (hash: string) => {
          this.lookups += 1;
          return this.arriving.get(hash);
        },
      }),
    } as unknown as StateTable<KeyState>,
  );

  add(to: Map<string, KeyState> = this.known): string {
    const key = newApiKey();
    const state: KeyState = {
      uid: 'u',
      id: 'shop',
      hash: hashOf(key),
      scopes: ['publish'],
      topics: ['orders'],
      subscriptions: null,
      tenant: null,
      createdAt: '',
    };
    to.set(state.hash, state);
    return key;
  }
}

describe('checking keys', () => {
  it('tells who holds a known key, at once', () => {
    const keys = new Keys();
    const header = `Bearer ${keys.add()}`;
    const principal = keys.verifier.verifyNow(header);
    expect(principal).toMatchObject({ keyId: 'shop', topics: ['orders'] });
    expect(keys.verifier.verifyNow(header)).toBe(principal);
    expect(keys.verifier.verifyNow(`bearer  ${header.slice(7)} `)).toBe(principal);
  });

  it('knows the admin key without the table', async () => {
    const { verifier } = new Keys();
    expect(verifier.verifyNow(`Bearer ${adminKey}`)).toBe(ADMIN);
    expect(await verifier.verify(`Bearer ${adminKey}`)).toBe(ADMIN);
  });

  it('forgets a revoked key at once, though its hash is remembered', async () => {
    const keys = new Keys();
    const header = `Bearer ${keys.add()}`;
    expect(keys.verifier.verifyNow(header)).toBeDefined();
    keys.known.clear();
    expect(keys.verifier.verifyNow(header)).toBeUndefined();
    await expect(keys.verifier.verify(header)).rejects.toThrow(KeyInvalid);
  });

  it('waits for a key that is on its way', async () => {
    const keys = new Keys();
    const header = `Bearer ${keys.add(keys.arriving)}`;
    expect(keys.verifier.verifyNow(header)).toBeUndefined();
    expect(await keys.verifier.verify(header)).toMatchObject({ keyId: 'shop' });
  });

  it.each([undefined, '', 'Bearer', 'Basic YTpi', adminKey])(
    'misses a key in %s',
    async (header) => {
      await expect(new Keys().verifier.verify(header)).rejects.toThrow(KeyMissing);
    },
  );

  it.each(['mr_short', 'x'.repeat(50), `mr_${'é'.repeat(40)}`, `mr_${'a'.repeat(5000)}`])(
    'does not even look up %s',
    async (token) => {
      const keys = new Keys();
      await expect(keys.verifier.verify(`Bearer ${token}`)).rejects.toThrow(KeyInvalid);
      expect(keys.lookups).toBe(0);
    },
  );

  it('remembers no more than it may, whatever is sent', () => {
    const keys = new Keys();
    const headers = Array.from({ length: 1_500 }, () => `Bearer ${keys.add()}`);
    for (const header of headers) expect(keys.verifier.verifyNow(header)).toBeDefined();
    for (const header of headers) expect(keys.verifier.verifyNow(header)).toBeDefined();
  });
});

describe('look-ups of unknown keys', () => {
  it('are shared by those who ask for the same key', async () => {
    let asked = 0;
    const pending = new PendingLookups(async () => {
      asked += 1;
      return undefined;
    });
    await Promise.all([pending.lookup('a'), pending.lookup('a'), pending.lookup('a')]);
    expect(asked).toBe(1);
    await pending.lookup('a');
    expect(asked).toBe(2);
  });

  it('are bounded in number, and again allowed once some have ended', async () => {
    let release = (): void => undefined;
    const gate = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    const pending = new PendingLookups(() => gate, 2);
    const waiting = [pending.lookup('a'), pending.lookup('b')];
    await expect(pending.lookup('c')).rejects.toThrow(TooManyUnknownKeys);
    release();
    await Promise.all(waiting);
    await expect(pending.lookup('c')).resolves.toBeUndefined();
  });
});
