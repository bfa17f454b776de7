import * as fc from 'fast-check';
import { isPlainText } from '../../../events/attribute-values.js';
import { judgeAnswer } from './judge-answer.js';

const now = new Date('2026-11-28T10:00:00Z');
const judge = (status: number, more: { retryAfter?: string; begin?: Buffer } = {}) =>
  judgeAnswer({ status, begin: Buffer.alloc(0), ...more }, 12, now);

describe('an answer', () => {
  it('is a success if and only if its status is 2xx, and final if and only if it is 410', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), (status) => {
        const expected = status < 300 ? 'delivered' : status === 410 ? 'gone' : 'failed';
        expect(judge(status)).toMatchObject({ outcome: expected, durationMs: 12 });
      }),
    );
  });

  it.each([
    [429, true],
    [502, true],
    [504, true],
    [500, false],
    [503, false],
    [404, false],
  ])('of %d slows down: %s', (status, slowDown) => {
    expect(judge(status)).toMatchObject({ slowDown });
  });

  it('is quoted, and says when to come again', () => {
    const begin = Buffer.from('no "ä"');
    expect(judge(503, { retryAfter: '3', begin })).toEqual({
      outcome: 'failed',
      error: {
        code: 'WEBHOOKS.STATUS',
        message: 'The receiver answered 503.',
        status: 503,
        answer: 'no "ä"',
      },
      retryAfterMs: 3_000,
      slowDown: false,
      durationMs: 12,
    });
  });

  it('tells that redirects are not followed', () => {
    expect(judge(302)).toMatchObject({ error: { message: expect.stringContaining('redirects') } });
  });

  it('is quoted as text that can be stored, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const result = judge(500, { begin: Buffer.from(bytes) });
        const { answer = '' } = (result as { error: { answer?: string } }).error;
        expect([...answer].filter((letter) => !'\t\n\r'.includes(letter))).toEqual(
          [...answer].filter(isPlainText),
        );
      }),
    );
  });
});
