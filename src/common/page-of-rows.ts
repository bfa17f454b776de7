import { CursorInvalid, decodeCursor, encodeCursor } from './paging.js';

/** The id after which a page begins. @throws CursorInvalid */
export const afterId = (cursor: string | null): number => {
  if (cursor === null) return 0;
  const [id] = decodeCursor(cursor, 1);
  if (!Number.isSafeInteger(id)) throw new CursorInvalid();
  return id as number;
};

/** A page of rows that were read one beyond its limit, and the cursor of the next page. */
export function pageAfter<Row>(
  rows: readonly Row[],
  limit: number,
  idOf: (row: Row) => number,
): { readonly page: readonly Row[]; readonly next: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { page, next: more ? encodeCursor([idOf(last)]) : null };
}
