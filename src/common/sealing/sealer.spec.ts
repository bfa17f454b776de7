import * as fc from 'fast-check';

import { Sealer } from './sealer.js';

const broken = expect.objectContaining({ code: 'SEALING.SEAL_BROKEN', kind: 'internal' });
const sealer = new Sealer(Buffer.alloc(32, 1));

const withByte = (sealed: string, at: number, bit: number): string => {
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  bytes[at % bytes.length]! ^= 1 << bit;
  return `v1.${bytes.toString('base64url')}`;
};

describe('a sealed text', () => {
  it('is opened with the same key and context, in another process too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, context) => {
        const elsewhere = new Sealer(Buffer.alloc(32, 1));
        expect(elsewhere.open(sealer.seal(text, context), context)).toBe(text);
      }),
    );
  });

  it('does not show the text, and looks different each time', () => {
    const text = 'whsec_the-secret-of-an-endpoint';
    const [first, second] = [sealer.seal(text, 'u'), sealer.seal(text, 'u')];
    expect(first).toMatch(/^v1\.[\w-]+$/);
    expect(first).not.toBe(second);
    expect(Buffer.from(first.slice(3), 'base64url').toString('latin1')).not.toContain('secret');
  });

  it('is refused when a bit of it was changed', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(7), (text, at, bit) => {
        const changed = withByte(sealer.seal(text, 'u'), at, bit);
        expect(() => sealer.open(changed, 'u')).toThrow(broken);
      }),
    );
  });

  it('is refused in another context', () => {
    const sealed = sealer.seal('text', 'subscription a');
    expect(() => sealer.open(sealed, 'subscription b')).toThrow(broken);
  });

  it('is refused under another key, even one that differs in a bit', () => {
    const key = Buffer.alloc(32, 1);
    key[31] = 0;
    expect(() => new Sealer(key).open(sealer.seal('text', 'u'), 'u')).toThrow(broken);
  });

  it('is refused when it is nothing that was sealed', () => {
    const sealed = sealer.seal('text', 'u');
    const others = ['', 'v1.', 'v1.AAAA', 'plain text', `v2.${sealed.slice(3)}`, `${sealed}=`];
    for (const other of [...others, `${sealed} `, sealed.slice(0, -4), sealed.toUpperCase()])
      expect(() => sealer.open(other, 'u')).toThrow(broken);
  });

  it('is refused with a known error, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (other) => {
        expect(() => sealer.open(`v1.${other}`, 'u')).toThrow(broken);
      }),
    );
  });
});
