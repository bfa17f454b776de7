import * as fc from 'fast-check';

import { parseFrom } from './from.js';

const refused = expect.objectContaining({ code: 'STREAMS.FROM_INVALID' });

describe('from', () => {
  it.each([
    ['earliest', { kind: 'earliest' }],
    ['latest', { kind: 'latest' }],
    ['2026-11-23T10:00:00Z', { kind: 'time', timestamp: Date.UTC(2026, 10, 23, 10) }],
    ['2026-11-23T10:00:00 01:00', { kind: 'time', timestamp: Date.UTC(2026, 10, 23, 9) }],
    [
      'offset:0:42,1:17',
      {
        kind: 'offsets',
        offsets: new Map([
          [0, 42],
          [1, 17],
        ]),
      },
    ],
  ])('reads %s', (text, from) => {
    expect(parseFrom(text)).toEqual(from);
  });

  it('reads a bare offset where the partition is named beside it', () => {
    const from = { kind: 'offsets', offsets: new Map([[3, 42]]) };
    expect(parseFrom('42', 3)).toEqual(from);
    expect(parseFrom('offset:42', 3)).toEqual(from);
    expect(() => parseFrom('42')).toThrow(refused);
  });

  it('answers with one error to whatever else is sent', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `offset:${text}`),
        ),
        (text) => {
          try {
            parseFrom(text);
          } catch (error) {
            expect(error).toEqual(refused);
          }
        },
      ),
    );
    expect(() => parseFrom('offset:0:9999999999999999')).toThrow(refused);
  });
});
