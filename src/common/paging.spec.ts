import * as fc from 'fast-check';

import { afterId, CursorInvalid, decodeCursor, encodeCursor, mapPage, pageOf } from './paging.js';

const part = fc.oneof(
  fc.string().filter((text) => !text.includes('\0')),
  fc.integer(),
);

describe('cursors', () => {
  it('give back every position that they were made of', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (position) => {
        const cursor = encodeCursor(position);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(cursor, position.length)).toEqual(position);
      }),
    );
  });

  it('that nobody gave out are refused, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => decodeCursor(text, 5)).toThrow(CursorInvalid);
      }),
    );
  });

  it.each([[['a', 'b']], [[{}]], [[null]], [['a\0']], ['a']])('may not hold %j', (value) => {
    const cursor = Buffer.from(JSON.stringify(value)).toString('base64url');
    expect(() => decodeCursor(cursor, 1)).toThrow(CursorInvalid);
  });
});

describe('the row id of a cursor', () => {
  it('is the one that was given out; without a cursor a page begins before all ids', () => {
    expect(afterId(encodeCursor([5]))).toBe(5);
    expect(afterId(null)).toBe(0);
  });

  it.each([['a'], ['7'], [1.5], [1e300]])('is not %p', (id) => {
    expect(() => afterId(encodeCursor([id]))).toThrow(CursorInvalid);
  });
});

describe('pages', () => {
  const rows = ['a', 'b', 'c'];

  it('have a cursor to their last item when a row more was read', () => {
    const page = pageOf(rows, 2, (row) => [row]);
    expect(page.data).toEqual(['a', 'b']);
    expect(decodeCursor(page.nextCursor ?? '', 1)).toEqual(['b']);
  });

  it('have none when the list ends with them', () => {
    expect(pageOf(rows, 3, (row) => [row])).toEqual({ data: rows, nextCursor: null });
    expect(pageOf([], 3, () => [''])).toEqual({ data: [], nextCursor: null });
  });

  it('keep their cursor when their items are shown in another form', () => {
    const page = { data: [1, 2], nextCursor: 'x' };
    expect(mapPage(page, String)).toEqual({ data: ['1', '2'], nextCursor: 'x' });
  });
});
