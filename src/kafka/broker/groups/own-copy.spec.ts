import { ownCopy } from './own-copy.js';

describe('a copy of its own', () => {
  it('has the same bytes, and keeps no memory besides them', () => {
    const bytes = Buffer.from('assignment');
    const copy = ownCopy(bytes);
    expect(copy).toEqual(bytes);
    expect(copy.buffer.byteLength).toBe(bytes.length);
  });
});
