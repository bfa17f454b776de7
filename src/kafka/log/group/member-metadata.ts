import { Writer } from '@platformatic/kafka';

import type { TopicPartition } from '../event-log.js';
import { LogUnavailable } from '../log.errors.js';
import { FieldCursor } from '../protocol/field-cursor.js';
import { byTopic } from './partition-set.js';

/** Protocol type of Kafka's consumer groups: tools read the members' metadata by it. */
export const CONSUMER_PROTOCOL = 'consumer';
/** Our assignor's name: members that share out in another way are refused in the group. */
export const ASSIGNOR = 'millrace-cooperative';

/** What a member tells the group's leader when it joins. */
export interface Subscription {
  readonly topics: readonly string[];
  /** What it holds, and has not handed back. */
  readonly owned: readonly TopicPartition[];
}

/** Of ConsumerProtocolSubscription and ConsumerProtocolAssignment: the first with owned partitions. */
const VERSION = 1;
const NOTHING = Buffer.alloc(0);

const appendPartitions = (writer: Writer, partitions: readonly TopicPartition[]): Writer =>
  writer.appendArray(
    [...byTopic(partitions)],
    (topicWriter, [topic, items]) => {
      topicWriter.appendString(topic, false).appendArray(
        items,
        (itemWriter, { partition }) => {
          itemWriter.appendInt32(partition);
        },
        false,
        false,
      );
    },
    false,
    false,
  );

const readPartitions = (cursor: FieldCursor): TopicPartition[] =>
  cursor
    .array(() => {
      const topic = cursor.text();
      return cursor.array(() => ({ topic, partition: cursor.int32() }));
    })
    .flat();

/** A ConsumerProtocolSubscription, version 1. */
export const encodeSubscription = ({ topics, owned }: Subscription): Buffer => {
  const writer = Writer.create()
    .appendInt16(VERSION)
    .appendArray(
      [...topics],
      (topicWriter, topic) => {
        topicWriter.appendString(topic, false);
      },
      false,
      false,
    )
    .appendBytes(null, false); // user data
  return appendPartitions(writer, owned).buffer;
};

/** Reads a subscription of any version; bytes that are none count as one to no topic. */
export const decodeSubscription = (bytes: Buffer | null): Subscription => {
  try {
    const cursor = new FieldCursor(bytes ?? NOTHING);
    const version = cursor.int16();
    const topics = cursor.array(() => cursor.text());
    cursor.bytes(cursor.int32()); // user data
    return { topics, owned: version < 1 ? [] : readPartitions(cursor) };
  } catch {
    // Bytes that another program made up, and that end too early: they name nothing.
    return { topics: [], owned: [] };
  }
};

/** A ConsumerProtocolAssignment. */
export const encodeAssignment = (partitions: readonly TopicPartition[]): Buffer => {
  const writer = appendPartitions(Writer.create().appendInt16(VERSION), partitions);
  return writer.appendBytes(null, false).buffer; // user data
};

/**
 * Reads an assignment of any version; empty, as for a member that got none, gives none.
 * @throws LogUnavailable when it is no assignment: the next round may bring another one
 */
export const decodeAssignment = (bytes: Buffer | null): readonly TopicPartition[] => {
  if (bytes === null || bytes.length === 0) return [];
  try {
    const cursor = new FieldCursor(bytes);
    cursor.int16(); // version
    return readPartitions(cursor);
  } catch (error) {
    throw new LogUnavailable(
      'The group’s leader gave no readable assignment.',
      {},
      { cause: error },
    );
  }
};
