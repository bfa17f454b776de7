import * as fc from 'fast-check';
import { parseRetryAfter } from './retry-after.js';

const now = new Date('1994-11-06T08:49:30Z');

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 7_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 7_000],
    ['Sun Nov  6 08:49:37 1994', 7_000],
    ['Sun, 06 Nov 1994 08:49:60 GMT', 30_000],
    ['Sun, 06 Nov 1994 08:49:29 GMT', 0],
    ['Monday, 06-Nov-45 08:49:30 GMT', 0],
    ['Sunday, 06-Nov-44 08:49:30 GMT', Date.UTC(2044, 10, 6) - Date.UTC(1994, 10, 6)],
  ])('"%s" is a pause of %d ms', (text, pause) => {
    expect(parseRetryAfter(text, now)).toBe(pause);
  });

  it.each([
    '',
    'soon',
    '-1',
    '1.5',
    '+3',
    '0x10',
    '1e3',
    '3 seconds',
    '3, 4',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    undefined,
  ])('"%s" says nothing', (text) => {
    expect(parseRetryAfter(text, now)).toBeUndefined();
  });

  it('understands the date that any time is written as', () => {
    const time = fc.date({
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('2099-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(time, (date) => {
        const seconds = Math.floor(date.getTime() / 1_000) * 1_000;
        const expected = Math.max(0, seconds - now.getTime());
        expect(parseRetryAfter(date.toUTCString(), now)).toBe(expected);
      }),
    );
  });

  it('is never a pause below zero or beyond all numbers, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d*$/)), (text) => {
        const pause = parseRetryAfter(text, now) ?? 0;
        expect(Number.isSafeInteger(pause) && pause >= 0).toBe(true);
      }),
    );
  });
});
