import { Writer } from '@platformatic/kafka';

import type { WireApi } from '../network/wire-api.js';
import { FieldCursor } from './field-cursor.js';
import type { AbortedTransaction } from './read-committed.js';

/** One partition's place in a fetch request. */
export interface FetchPart {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly offset: number;
  readonly maxBytes: number;
}

/** A fetch request: waits up to `maxWaitMs` for at least one byte. */
export interface FetchRequest {
  readonly parts: readonly FetchPart[];
  readonly maxWaitMs: number;
  readonly maxBytes: number;
}

/** One partition of a fetch answer; `topic` is the name (version 12) or the id (13). */
export interface FetchResult {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** READ_COMMITTED's end: the last stable offset. */
  readonly endOffset: number;
  readonly startOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches as stored. */
  readonly records: Buffer;
}

const READ_COMMITTED = 1;
const NO_SESSION = -1;

const byTopic = (parts: readonly FetchPart[]): FetchPart[][] => {
  const topics = new Map<string, FetchPart[]>();
  for (const part of parts) {
    const known = topics.get(part.topicId);
    if (known === undefined) topics.set(part.topicId, [part]);
    else known.push(part);
  }
  return [...topics.values()];
};

const writePart = (writer: Writer, part: FetchPart): void => {
  writer
    .appendInt32(part.partition)
    .appendInt32(part.leaderEpoch)
    .appendInt64(BigInt(part.offset))
    .appendInt32(-1) // last fetched epoch: unknown
    .appendInt64(-1n) // log start offset: followers only
    .appendInt32(part.maxBytes);
};

const writeRequest = (request: FetchRequest, byId: boolean): Writer =>
  Writer.create()
    .appendInt32(-1) // not a replica
    .appendInt32(request.maxWaitMs)
    .appendInt32(1) // min bytes
    .appendInt32(request.maxBytes)
    .appendInt8(READ_COMMITTED)
    .appendInt32(0)
    .appendInt32(NO_SESSION)
    .appendArray(byTopic(request.parts), (writer, parts) => {
      const first = parts[0];
      if (byId) writer.appendUUID(first?.topicId);
      else writer.appendString(first?.topic);
      writer.appendArray(parts, writePart);
    })
    .appendArray([], () => undefined) // forgotten topics: none without a session
    .appendString('') // rack
    .appendTaggedFields();

const readPartition = (cursor: FieldCursor, topic: string): FetchResult => {
  const partition = cursor.int32();
  const errorCode = cursor.int16();
  cursor.int64(); // high watermark
  const endOffset = cursor.offset();
  const startOffset = cursor.offset();
  const aborted = cursor.compactArray(() => {
    const transaction = { producerId: cursor.int64(), firstOffset: cursor.offset() };
    cursor.skipTags();
    return transaction;
  });
  cursor.int32(); // preferred read replica
  const records = cursor.bytes(cursor.unsignedVarint() - 1) ?? Buffer.alloc(0);
  cursor.skipTags();
  return { topic, partition, errorCode, endOffset, startOffset, aborted, records };
};

/** A copy where a view would keep a much larger answer in memory. */
const withOwnBytes = (result: FetchResult, answerBytes: number): FetchResult =>
  result.records.length * 2 < answerBytes
    ? { ...result, records: Buffer.from(result.records) }
    : result;

const readAnswer = (bytes: Buffer, byId: boolean): FetchAnswer => {
  const cursor = new FieldCursor(bytes);
  cursor.int32(); // throttle time
  const errorCode = cursor.int16();
  cursor.int32(); // session id
  const results = cursor.compactArray(() => {
    const topic = byId ? cursor.uuid() : cursor.compactText();
    const partitions = cursor.compactArray(() => readPartition(cursor, topic));
    cursor.skipTags();
    return partitions;
  });
  return { errorCode, results: results.flat().map((one) => withOwnBytes(one, bytes.length)) };
};

/** A fetch answer: one error for all, or a result for each partition. */
export interface FetchAnswer {
  readonly errorCode: number;
  readonly results: readonly FetchResult[];
}

const fetchApi = (version: 12 | 13): WireApi<FetchRequest, FetchAnswer> => ({
  key: 1,
  version,
  flexible: true,
  write: (request) => writeRequest(request, version === 13),
  read: (bytes) => readAnswer(bytes, version === 13),
});

/** Fetch by topic name, without a session (version 12). */
export const fetchByName = fetchApi(12);

/** Fetch by topic id (version 13): a topic that was made again is never mistaken for the old one. */
export const fetchById = fetchApi(13);
