import * as fc from 'fast-check';

import { explicitStart, parseStart } from './start-position.js';

const refused = expect.objectContaining({ code: 'SUBSCRIPTIONS.START_INVALID' });

describe('a start', () => {
  it.each([
    [undefined, 'latest'],
    ['earliest', 'earliest'],
    [{ time: '2026-11-23T10:00:00+01:00' }, { time: '2026-11-23T10:00:00+01:00' }],
    [{ offsets: { '0': 12 } }, { offsets: { '0': 12 } }],
  ])('is read from %j', (given, read) => {
    expect(parseStart(given)).toEqual(read);
  });

  it.each([
    [null],
    ['newest'],
    [{ time: 'yesterday' }],
    [{ time: '2026-13-40T00:00:00Z' }],
    [{ offsets: { a: 1 } }],
    [{ offsets: { '0': -1 } }],
    [{ offsets: [] }],
    [{ offsets: {}, time: '2026-11-23T10:00:00Z' }],
  ])('is refused when it is %j', (given) => {
    expect(() => parseStart(given)).toThrow(refused);
  });

  it('is a known error or a start, whatever is sent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          parseStart(value);
        } catch (error) {
          expect(error).toEqual(refused);
        }
      }),
    );
  });

  const bounds = new Map([
    [0, { start: 5, end: 20 }],
    [1, { start: 3, end: 3 }],
  ]);

  it('by offsets begins unnamed partitions at their oldest event', () => {
    expect(explicitStart({ '0': 20 }, bounds)).toEqual({ '0': 20, '1': 3 });
  });

  it('by offsets cannot lie past the end or in a partition that is not there', () => {
    expect(() => explicitStart({ '0': 21 }, bounds)).toThrow(refused);
    expect(() => explicitStart({ '7': 0 }, bounds)).toThrow(refused);
  });
});
