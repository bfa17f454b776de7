/*
 * OffsetDelete: forgets positions of a group in topics that no member subscribes to (KIP-496), also
 * those that a transaction was going to commit.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api, NEVER } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { coordinatorErrorOf } from './error-code-of.js';
import { array, int16, int32, string } from '../protocol/types.js';

const request = {
  groupId: string(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
    }),
  }),
};

const response = {
  errorCode: int16(),
  throttleTimeMs: int32().or(0),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
    }),
  }),
};

export const offsetDelete = api({
  key: 47,
  name: 'OffsetDelete',
  versions: '0-0',
  flexibleFrom: NEVER,
  request,
  response,
  async handle({ groupId, topics }, { broker }) {
    if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID, topics: [] };
    const { groups } = broker;
    const group = groups.get(groupId);
    if (!groups.has(groupId)) {
      return { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, topics: [] };
    }
    if (group && group.state !== 'Empty' && group.protocolType !== 'consumer') {
      // What its members work on is not known here.
      return { errorCode: ErrorCode.NON_EMPTY_GROUP, topics: [] };
    }
    const subscribed = groups.subscribedTopics(groupId);
    const errorOf = (topic: string, partition: number): ErrorCode => {
      if (!broker.topics.get(topic)?.partitions[partition]) {
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
      }
      return subscribed.has(topic) ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE;
    };
    const checked = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: errorOf(name, partitionIndex),
      })),
    }));
    const deletable = checked.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ errorCode }) => errorCode === ErrorCode.NONE)
        .map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex })),
    );
    try {
      await groups.deleteOffsets(groupId, deletable);
    } catch (error) {
      return { errorCode: coordinatorErrorOf(error), topics: [] };
    }
    return { errorCode: ErrorCode.NONE, topics: checked };
  },
});
