import { Writer } from '@platformatic/kafka';

import type { WireApi } from '../network/wire-api.js';
import { FieldCursor } from './field-cursor.js';

/** One partition's batch in a produce request. */
export interface ProducePart {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Buffer;
}

/** What Kafka says to one partition's batch. */
export interface ProduceResult {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: number;
}

const ACKS_ALL = -1;

const byTopic = (parts: readonly ProducePart[]): [string, ProducePart[]][] => {
  const topics = new Map<string, ProducePart[]>();
  for (const part of parts) {
    const known = topics.get(part.topic);
    if (known === undefined) topics.set(part.topic, [part]);
    else known.push(part);
  }
  return [...topics];
};

/**
 * Produce, version 7: acks=all, no transaction. The driver's own Produce takes records one by one
 * and numbers them itself; here a batch is encoded once, so that a repeat is the same bytes.
 */
export const produceApi: WireApi<
  { readonly parts: readonly ProducePart[]; readonly timeoutMs: number },
  readonly ProduceResult[]
> = {
  key: 0,
  version: 7,
  flexible: false,
  write: ({ parts, timeoutMs }) =>
    Writer.create()
      .appendString(null, false)
      .appendInt16(ACKS_ALL)
      .appendInt32(timeoutMs)
      .appendArray(
        byTopic(parts),
        (writer, [topic, batches]) => {
          writer.appendString(topic, false).appendArray(
            batches,
            (inner, { partition, batch }) => {
              inner.appendInt32(partition).appendBytes(batch, false);
            },
            false,
            false,
          );
        },
        false,
        false,
      ),
  read: (bytes) => {
    const cursor = new FieldCursor(bytes);
    const results = cursor.array(() => {
      const topic = cursor.text();
      return cursor.array(() => {
        const partition = cursor.int32();
        const errorCode = cursor.int16();
        const baseOffset = cursor.offset();
        cursor.int64(); // log append time
        cursor.int64(); // log start offset
        return { topic, partition, errorCode, baseOffset };
      });
    });
    return results.flat();
  },
};
