import * as fc from 'fast-check';
import { createSecretKey } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { parseSecret, sign } from './signature.js';
import { WebhookSecretInvalid } from './webhooks.errors.js';

const secretOf = (bytes: Uint8Array): string => `whsec_${Buffer.from(bytes).toString('base64')}`;
const anySecret = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(secretOf);
const anyId = fc.string({ unit: fc.constantFrom(...'abcxyz234567'), minLength: 1 });

describe('a signature', () => {
  it("is that of Standard Webhooks' own example", () => {
    const key = parseSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const body = Buffer.from('{"test": 2432232314}');
    expect(sign([key], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, body)).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('is the one that an independent library makes, for each secret', () => {
    fc.assert(
      fc.property(
        fc.array(anySecret, { minLength: 1, maxLength: 3 }),
        anyId,
        fc.integer({ min: 0, max: 4_000_000_000 }),
        fc.json(),
        (secrets, id, timestamp, body) => {
          const at = new Date(timestamp * 1_000);
          const theirs = secrets.map((secret) => new Webhook(secret).sign(id, at, body));
          const ours = sign(secrets.map(parseSecret), id, timestamp, Buffer.from(body));
          expect(ours).toBe(theirs.join(' '));
        },
      ),
    );
  });

  it('is verified with either secret while one is being rotated', () => {
    fc.assert(
      fc.property(anySecret, anySecret, fc.json(), (newer, former, body) => {
        const timestamp = Math.floor(Date.now() / 1_000);
        const signature = sign(
          [newer, former].map(parseSecret),
          'msg_1',
          timestamp,
          Buffer.from(body),
        );
        const headers = {
          'webhook-id': 'msg_1',
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signature,
        };
        for (const secret of [newer, former])
          expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
      }),
    );
  });

  it('covers id, time and body', () => {
    const key = createSecretKey(Buffer.alloc(24));
    const signature = sign([key], 'msg_1', 1, Buffer.from('body'));
    expect(sign([key], 'msg_2', 1, Buffer.from('body'))).not.toBe(signature);
    expect(sign([key], 'msg_1', 2, Buffer.from('body'))).not.toBe(signature);
    expect(sign([key], 'msg_1', 1, Buffer.from('bodY'))).not.toBe(signature);
  });
});

describe('a secret', () => {
  it('is the key of its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 64 }), (bytes) => {
        expect(parseSecret(secretOf(bytes)).export()).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each([
    ['too short', secretOf(Buffer.alloc(23))],
    ['too long', secretOf(Buffer.alloc(65))],
    ['without its prefix', Buffer.alloc(32).toString('base64')],
    ['with another prefix', `whpk_${Buffer.alloc(32).toString('base64')}`],
    ['without padding', secretOf(Buffer.alloc(32)).replaceAll('=', '')],
    ['in the alphabet of URLs', `whsec_${Buffer.alloc(32, 0xff).toString('base64url')}=`],
    ['with blanks', `${secretOf(Buffer.alloc(32))} `],
    ['with bits to spare', `whsec_${'A'.repeat(42)}B=`],
    ['empty', ''],
  ])('is refused when it is %s, without repeating it', (_, text) => {
    expect(() => parseSecret(text)).toThrow(WebhookSecretInvalid);
    if (text !== '') expect(() => parseSecret(text)).not.toThrow(text);
  });
});
