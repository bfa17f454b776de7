import * as fc from 'fast-check';

import {
  MAX_SECRETS,
  newSecret,
  requireSecret,
  rotateSecret,
  validSecrets,
  type SigningSecret,
} from './signing-secrets.js';

const refused = expect.objectContaining({ code: 'SUBSCRIPTIONS.WEBHOOK_SECRET_INVALID' });
const secretOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;
const at = (seconds: number): Date => new Date(seconds * 1_000);
const text = (seconds: number): string => at(seconds).toISOString();

describe('a signing secret', () => {
  it('is made new each time, in the form that is asked of others', () => {
    expect(newSecret()).not.toBe(newSecret());
    expect(requireSecret(newSecret())).toMatch(/^whsec_/);
  });

  it('has 24 to 64 bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (bytes) => {
        const secret = secretOf(bytes);
        if (bytes >= 24 && bytes <= 64) expect(requireSecret(secret)).toBe(secret);
        else expect(() => requireSecret(secret)).toThrow(refused);
      }),
    );
  });

  it.each([
    [''],
    ['whsec_'],
    [secretOf(32).slice('whsec_'.length)],
    [secretOf(32).toUpperCase()],
    [`${secretOf(32)} `],
    [secretOf(32).replace('=', '')],
    [`whsec_${Buffer.alloc(32, 0xff).toString('base64url')}`],
    ['whsec_not base64, but long enough to be one'],
    [`whsk_${'a'.repeat(44)}`],
  ])('is refused when it is %j, without being repeated', (secret) => {
    expect(() => requireSecret(secret)).toThrow(refused);
    if (secret.length > 10)
      expect(() => requireSecret(secret)).not.toThrow(
        expect.objectContaining({ message: expect.stringContaining(secret) }),
      );
  });
});

describe('a rotation', () => {
  const first: readonly SigningSecret[] = [{ secret: 'a', expiresAt: null }];

  it('puts the new secret first, and lets the former one sign until it ends', () => {
    const both = rotateSecret(first, 'b', at(0), 60);
    expect(both).toEqual([
      { secret: 'b', expiresAt: null },
      { secret: 'a', expiresAt: text(60) },
    ]);
    expect(validSecrets(both, at(59))).toEqual(both);
    expect(validSecrets(both, at(60))).toEqual([both[0]]);
  });

  it('with 0 seconds ends all former secrets at once', () => {
    const both = rotateSecret(first, 'b', at(0), 60);
    expect(rotateSecret(both, 'c', at(1), 0)).toEqual([{ secret: 'c', expiresAt: null }]);
  });

  it('lengthens no secret that ends earlier', () => {
    const both = rotateSecret(first, 'b', at(0), 10);
    expect(rotateSecret(both, 'c', at(5), 60)).toEqual([
      { secret: 'c', expiresAt: null },
      { secret: 'b', expiresAt: text(65) },
      { secret: 'a', expiresAt: text(10) },
    ]);
  });

  it('to the secret that signs changes nothing; to a former one puts it first again', () => {
    const both = rotateSecret(first, 'b', at(0), 60);
    expect(rotateSecret(both, 'b', at(1), 0)).toBe(both);
    expect(rotateSecret(both, 'a', at(1), 60)).toEqual([
      { secret: 'a', expiresAt: null },
      { secret: 'b', expiresAt: text(61) },
    ]);
  });

  it('is refused while too many sign, and names the time when one ends', () => {
    const three = rotateSecret(rotateSecret(first, 'b', at(0), 60), 'c', at(1), 90);
    expect(() => rotateSecret(three, 'd', at(2), 90)).toThrow(
      expect.objectContaining({
        code: 'SUBSCRIPTIONS.TOO_MANY_SECRETS',
        details: { limit: MAX_SECRETS, freeAt: text(60) },
      }),
    );
    expect(rotateSecret(three, 'd', at(60), 90)).toHaveLength(MAX_SECRETS);
  });

  it('always leaves one secret that does not end, at most three, and none twice', () => {
    const step = fc.record({
      secret: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      after: fc.integer({ min: 0, max: 100 }),
      keep: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let secrets = first;
        let now = 0;
        for (const { secret, after, keep } of steps) {
          now += after;
          try {
            secrets = rotateSecret(secrets, secret, at(now), keep);
          } catch (error) {
            expect(error).toMatchObject({ code: 'SUBSCRIPTIONS.TOO_MANY_SECRETS' });
            continue;
          }
          expect(secrets[0]).toEqual({ secret, expiresAt: null });
          expect(secrets.filter(({ expiresAt }) => expiresAt === null)).toHaveLength(1);
          expect(new Set(secrets.map((each) => each.secret)).size).toBe(secrets.length);
          expect(secrets.length).toBeLessThanOrEqual(MAX_SECRETS);
        }
      }),
    );
  });
});
