import * as fc from 'fast-check';

import { decodeCursor, encodeCursor, type Cursor } from './cursor.js';

const natural = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const cursors: fc.Arbitrary<Cursor> = fc.record({
  subscriptionUid: fc.uuid(),
  readerId: fc.uuid(),
  topicId: fc.stringMatching(/^[A-Za-z0-9_-]{22}$/),
  filterRevision: fc.nat(),
  positions: fc.uniqueArray(
    fc.record({ partition: fc.integer({ min: 0, max: 100_000 }), offset: natural, epoch: natural }),
    { selector: ({ partition }) => partition, maxLength: 40 },
  ),
});
const invalid = expect.objectContaining({ code: 'STREAMS.CURSOR_INVALID' });

describe('a cursor', () => {
  it('comes back from its text as it was', () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
      }),
    );
  });

  it('is text that needs no escaping in a URL or a header', () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        const text = encodeCursor(cursor);
        expect(encodeURIComponent(text)).toBe(text);
      }),
    );
  });

  it('is refused by one error, whatever the garbage', () => {
    const parts = fc.array(fc.constantFrom('1', '~', '.', 'a', '-', 'zz', '0', '', ' '));
    const garbage = fc.oneof(
      fc.string(),
      parts.map((list) => list.join('')),
      parts.map((list) => `1~u~r~t~1~${list.join('')}`),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        try {
          expect(decodeCursor(text).positions.every(({ offset }) => offset >= 0)).toBe(true);
        } catch (error) {
          expect(error).toEqual(invalid);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['empty', ''],
    ['of another version', '2~u~r~t~1~0.1.1'],
    ['with an offset beyond 2^53', '1~u~r~t~1~0.zzzzzzzzzzz.1'],
    ['with a partition beyond 2^31', '1~u~r~t~1~zzzzzz.1.1'],
    ['with a filter revision beyond 2^31', '1~u~r~t~zzzzzz~0.1.1'],
    ['with a partition twice', '1~u~r~t~1~0.1.1~0.2.1'],
    ['with a part missing', '1~u~r~t~1~0.1'],
    ['endless', `1~u~r~t~1~${'0.1.1~'.repeat(20_000)}`],
  ])('is refused when it is %s', (_, text) => {
    expect(() => decodeCursor(text)).toThrow(invalid);
  });
});
