import { Writer } from '@platformatic/kafka';

import type { WireApi } from '../network/wire-api.js';
import { FieldCursor } from './field-cursor.js';

/** Whose epoch is asked for. */
export interface EpochQuestion {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
}

/** Where the epoch ended, or why Kafka does not tell; -1 for both: the log has no such epoch. */
export interface EpochAnswer {
  readonly errorCode: number;
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

const NOT_A_REPLICA = -1;
/** Leaves the leader unchecked: whoever leads now tells what its log has. */
const ANY_EPOCH = -1;

/**
 * OffsetForLeaderEpoch of one partition, version 3. Own code because the driver reads the partition
 * before the error code, which Kafka sends the other way round: it took every partition's number
 * for an error.
 */
export const leaderEpochEndsApi: WireApi<EpochQuestion, EpochAnswer | undefined> = {
  key: 23,
  version: 3,
  flexible: false,
  write: ({ topic, partition, leaderEpoch }) =>
    Writer.create()
      .appendInt32(NOT_A_REPLICA)
      .appendInt32(1)
      .appendString(topic, false)
      .appendInt32(1)
      .appendInt32(partition)
      .appendInt32(ANY_EPOCH)
      .appendInt32(leaderEpoch),
  read: (bytes) => {
    const cursor = new FieldCursor(bytes);
    cursor.int32(); // throttle time
    const [answer] = cursor.array(() => {
      cursor.text();
      return cursor.array(() => {
        const errorCode = cursor.int16();
        cursor.int32(); // partition
        return { errorCode, leaderEpoch: cursor.int32(), endOffset: cursor.offset() };
      });
    });
    return answer?.[0];
  },
};
