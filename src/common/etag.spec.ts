import { etagOf, PreconditionFailed, requireIfMatch } from './etag.js';

describe('If-Match', () => {
  const current = { uid: 'u', version: 3 };

  it.each([undefined, '"u-3"', '*', '"u-2", "u-3"'])('lets a write pass with %s', (header) => {
    expect(() => requireIfMatch(header, current)).not.toThrow();
  });

  it.each(['"u-2"', '"v-3"', 'u-3', 'W/"u-3"', ''])('holds a write back with %j', (header) => {
    expect(() => requireIfMatch(header, current)).toThrow(PreconditionFailed);
  });

  it('holds back what would be made anew', () => {
    expect(() => requireIfMatch('*', undefined)).toThrow(PreconditionFailed);
    expect(() => requireIfMatch(undefined, undefined)).not.toThrow();
  });

  it('changes with every version and every incarnation', () => {
    expect(etagOf(current)).not.toBe(etagOf({ uid: 'u', version: 4 }));
    expect(etagOf(current)).not.toBe(etagOf({ uid: 'v', version: 3 }));
  });
});
