import { afterId, pageAfter } from './page-of-rows.js';
import { encodeCursor } from './paging.js';

describe('pages of rows', () => {
  it('begin before all ids', () => {
    expect(afterId(null)).toBe(0);
  });

  it('go on behind the last row that was shown', () => {
    const { page, next } = pageAfter([3, 5, 8], 2, (id) => id);
    expect(page).toEqual([3, 5]);
    expect(afterId(next)).toBe(5);
    expect(pageAfter([8], 2, (id) => id)).toEqual({ page: [8], next: null });
  });

  it.each([['a'], ['7'], [1.5], [1e300]])('refuse a cursor that holds %p', (part) => {
    expect(() => afterId(encodeCursor([part]))).toThrow(
      expect.objectContaining({ code: 'REQUEST.CURSOR_INVALID' }),
    );
  });
});
