/*
 * OffsetFetch: a group's committed positions; from version 8 on those of several groups. An unknown
 * group has none, which is no error.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import type { Broker } from '../broker.js';
import { firstTime } from './first-time.js';
import { partitionsByTopic } from './partitions-by-topic.js';
import { array, bool, int16, int32, int64, string } from '../protocol/types.js';

const request = {
  groupId: string('0-7'),
  topics: array(
    {
      name: string('0-7'),
      partitionIndexes: array(int32(), '0-7'),
    },
    '0-7',
  ).nullable('2-7'),
  groups: array(
    {
      groupId: string('8+'),
      memberId: string('9+').nullable('9+'),
      memberEpoch: int32('9+').or(-1),
      topics: array(
        {
          name: string('8+'),
          partitionIndexes: array(int32(), '8+'),
        },
        '8+',
      ).nullable('8+'),
    },
    '8+',
  ),
  requireStable: bool('7+').or(false),
};

const response = {
  throttleTimeMs: int32('3+').or(0),
  topics: array(
    {
      name: string('0-7').or(''),
      partitions: array(
        {
          partitionIndex: int32('0-7').or(0),
          committedOffset: int64('0-7').or(0),
          committedLeaderEpoch: int32('5-7').or(-1),
          metadata: string('0-7').nullable('0-7').or(null),
          errorCode: int16('0-7').or(0),
        },
        '0-7',
      ).or([]),
    },
    '0-7',
  ).or([]),
  errorCode: int16('2-7').or(0),
  groups: array(
    {
      groupId: string('8+').or(''),
      topics: array(
        {
          name: string('8+').or(''),
          partitions: array(
            {
              partitionIndex: int32('8+').or(0),
              committedOffset: int64('8+').or(0),
              committedLeaderEpoch: int32('8+').or(-1),
              metadata: string('8+').nullable('8+').or(null),
              errorCode: int16('8+').or(0),
            },
            '8+',
          ).or([]),
        },
        '8+',
      ).or([]),
      errorCode: int16('8+').or(0),
    },
    '8+',
  ).or([]),
};

export const offsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  versions: '1-9',
  flexibleFrom: 6,
  request,
  response,
  handle(input, { broker, version }) {
    const { requireStable } = input;
    if (version < 8)
      return { topics: offsetsOf(broker, input.groupId, input.topics, requireStable) };
    const isFirst = firstTime();
    return {
      groups: input.groups
        .filter(({ groupId }) => isFirst(groupId))
        .map(({ groupId, topics }) => ({
          groupId,
          topics: offsetsOf(broker, groupId, topics, requireStable),
        })),
    };
  },
});

interface TopicToLookUp {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

/**
 * @param topics null asks for everything that the group has committed
 * @param requireStable an offset that an open transaction may change is an error (KIP-447)
 */
function offsetsOf(
  broker: Broker,
  groupId: string,
  topics: readonly TopicToLookUp[] | null,
  requireStable: boolean,
) {
  const isFirst = firstTime();
  return (topics ?? everythingOf(broker, groupId)).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes
      .filter((index) => isFirst(`${name}/${index}`))
      .map((partitionIndex) => {
        if (requireStable && broker.transactions.hasPendingOffset(groupId, name, partitionIndex)) {
          return unstable(partitionIndex);
        }
        const found = broker.groups.offsets.get(groupId, name, partitionIndex);
        return {
          partitionIndex,
          committedOffset: found?.offset ?? -1,
          committedLeaderEpoch: found?.leaderEpoch ?? -1,
          metadata: found?.metadata ?? '',
          errorCode: ErrorCode.NONE,
        };
      }),
  }));
}

const unstable = (partitionIndex: number) => ({
  partitionIndex,
  committedOffset: -1,
  committedLeaderEpoch: -1,
  metadata: '',
  errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT,
});

function everythingOf(broker: Broker, groupId: string): readonly TopicToLookUp[] {
  const topics = partitionsByTopic(broker.groups.offsets.all(groupId));
  return [...topics].map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
}
