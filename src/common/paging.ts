import { MillraceError, type ErrorKind } from './errors/millrace-error.js';

/** One page of a list. `nextCursor` is null on the last page. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

/** What a cursor remembers: the sort key of the last item shown. */
export type CursorPosition = readonly (string | number)[];

/** How many items a page has when the caller does not say, and at most. */
export const DEFAULT_PAGE_LIMIT = 50;
export const MAX_PAGE_LIMIT = 500;

/** The cursor was not made by this list. */
export class CursorInvalid extends MillraceError {
  readonly code = 'REQUEST.CURSOR_INVALID';
  readonly kind: ErrorKind = 'invalid';
  constructor() {
    super('The cursor is not one that this list gave out.');
  }
}

/** An opaque cursor for a position; safe in a URL. */
export function encodeCursor(position: CursorPosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

const isPart = (part: unknown): boolean =>
  typeof part === 'string' ? !part.includes('\0') : Number.isFinite(part);

const isPosition = (value: unknown, length: number): value is CursorPosition =>
  Array.isArray(value) && value.length === length && value.every(isPart);

/**
 * The position of a cursor that `encodeCursor` made.
 * @param length how many parts the list's sort key has
 * @throws CursorInvalid
 */
export function decodeCursor(cursor: string, length: number): CursorPosition {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new CursorInvalid();
  }
  if (!isPosition(value, length)) throw new CursorInvalid();
  return value;
}

/** The row id after which a page begins. @throws CursorInvalid */
export const afterId = (cursor: string | null): number => {
  if (cursor === null) return 0;
  const [id] = decodeCursor(cursor, 1);
  if (!Number.isSafeInteger(id)) throw new CursorInvalid();
  return id as number;
};

/**
 * The page out of one row more than its limit: reading `limit + 1` rows tells whether another page
 * follows without counting.
 * @param rows at most `limit + 1`, sorted
 * @param positionOf the sort key of a row
 */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  positionOf: (row: T) => CursorPosition,
): Page<T> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data, nextCursor: more ? encodeCursor(positionOf(last)) : null };
}

/** The same page with each item shown in another form. */
export function mapPage<T, U>(page: Page<T>, show: (item: T) => U): Page<U> {
  return { data: page.data.map(show), nextCursor: page.nextCursor };
}
