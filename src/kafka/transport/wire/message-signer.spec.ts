import { MessageSigner } from './message-signer.js';

describe('signatures of messages', () => {
  const signer = new MessageSigner(Buffer.alloc(32, 1));
  const parts = ['state', 'a', 1, null] as const;

  it('are valid for the parts and the key that they were made with, and for nothing else', () => {
    const signature = signer.sign(parts);
    expect(signer.isValid(parts, signature)).toBe(true);
    expect(signer.isValid(['state', 'a', 2, null], signature)).toBe(false);
    expect(signer.isValid(['state', 'a', 1, 'null'], signature)).toBe(false);
    expect(signer.isValid(['state', 'a1', null], signature)).toBe(false);
    expect(new MessageSigner(Buffer.alloc(32, 2)).isValid(parts, signature)).toBe(false);
  });

  it.each([undefined, '', 'AAAA', 'ü'])('cannot be %j', (signature) => {
    expect(signer.isValid(parts, signature)).toBe(false);
  });
});
