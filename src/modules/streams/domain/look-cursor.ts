import { decodeCursor, encodeCursor } from '../../../common/paging.js';
import { CursorInvalid } from './streams.errors.js';

/** Where a look into a topic goes on: the next offset of each partition. */
export interface LookCursor {
  readonly topicId: string;
  readonly offsets: ReadonlyMap<number, number>;
}

/** An opaque cursor; only partitions with something left are in it. */
export const encodeLook = ({ topicId, offsets }: LookCursor): string =>
  encodeCursor([topicId, [...offsets].map((pair) => pair.join(':')).join(',')]);

const PAIRS = /^\d{1,6}:\d{1,16}(,\d{1,6}:\d{1,16})*$/;

/** @throws CursorInvalid */
export function decodeLook(text: string): LookCursor {
  const [topicId, pairs] = decodeCursor(text, 2).map(String);
  if (pairs === undefined || !PAIRS.test(pairs))
    throw new CursorInvalid('This is not a cursor of this list.');
  const offsets = pairs.split(',').map((pair) => pair.split(':').map(Number) as [number, number]);
  if (!offsets.every((pair) => pair.every(Number.isSafeInteger)))
    throw new CursorInvalid('This is not a cursor of this list.');
  return { topicId: topicId!, offsets: new Map(offsets) };
}
