import { CursorInvalid } from './streams.errors.js';

/** How far a reader has come in one partition, and under which lease it read that far. */
export interface CursorPosition {
  readonly partition: number;
  /** The next offset to read. */
  readonly offset: number;
  /** Epoch of the lease under which the reader came this far. */
  readonly epoch: number;
}

/** All partitions of one reader at one moment. Opaque to users; see `encodeCursor`. */
export interface Cursor {
  readonly subscriptionUid: string;
  readonly readerId: string;
  /** Kafka's id of the topic that the offsets belong to. */
  readonly topicId: string;
  /** Number of the newest filter that what was read so far was judged by. */
  readonly filterRevision: number;
  readonly positions: readonly CursorPosition[];
}

const VERSION = '1';
const MAX_LENGTH = 64 * 1024;
const MAX_INT32 = 2 ** 31 - 1;
const FIELD = /^[A-Za-z0-9_-]{1,64}$/;
const NUMBER = /^(0|[1-9a-z][0-9a-z]{0,10})$/;

/**
 * Writes a cursor as text that is safe in a URL and a header: version, subscription, reader, topic
 * id, filter revision, then partition.offset.epoch, numbers in base 36, joined by `~`. It is no secret and not signed: it
 * can only name offsets of a subscription that the caller's key may read anyway.
 */
export const encodeCursor = (cursor: Cursor): string =>
  `${cursorHead(cursor)}${cursor.positions.map(encodePosition).join('~')}`;

/** The part of a cursor that stays the same while a reader reads. */
export const cursorHead = (cursor: Omit<Cursor, 'positions'>): string =>
  `${VERSION}~${cursor.subscriptionUid}~${cursor.readerId}~${cursor.topicId}~${cursor.filterRevision.toString(36)}~`;

/** One partition's part of a cursor. */
export const encodePosition = ({ partition, offset, epoch }: CursorPosition): string =>
  `${partition.toString(36)}.${offset.toString(36)}.${epoch.toString(36)}`;

function decodeNumber(text: string | undefined, max = Number.MAX_SAFE_INTEGER): number {
  const value = text !== undefined && NUMBER.test(text) ? Number.parseInt(text, 36) : Number.NaN;
  if (!(value <= max)) throw new CursorInvalid();
  return value;
}

function decodePosition(text: string): CursorPosition {
  const [partition, offset, epoch, ...rest] = text.split('.');
  if (rest.length > 0) throw new CursorInvalid();
  return {
    partition: decodeNumber(partition, MAX_INT32),
    offset: decodeNumber(offset),
    epoch: decodeNumber(epoch),
  };
}

function requireDistinct(positions: readonly CursorPosition[]): void {
  const partitions = new Set(positions.map(({ partition }) => partition));
  if (partitions.size !== positions.length) throw new CursorInvalid();
}

/**
 * Reads back what `encodeCursor` wrote.
 * @throws CursorInvalid for anything else, whatever it is
 */
export function decodeCursor(text: string): Cursor {
  if (text.length > MAX_LENGTH) throw new CursorInvalid();
  const [version, subscriptionUid, readerId, topicId, revision, ...list] = text.split('~');
  const head = [subscriptionUid, readerId, topicId];
  if (version !== VERSION || !head.every((field) => field !== undefined && FIELD.test(field)))
    throw new CursorInvalid();
  const positions = (list.length === 1 && list[0] === '' ? [] : list).map(decodePosition);
  requireDistinct(positions);
  return {
    subscriptionUid: subscriptionUid!,
    readerId: readerId!,
    topicId: topicId!,
    filterRevision: decodeNumber(revision, MAX_INT32),
    positions,
  };
}
