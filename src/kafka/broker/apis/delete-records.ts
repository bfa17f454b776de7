/*
 * DeleteRecords: moves the start of partitions; offset -1 stands for the high watermark.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { errorCodeOf } from './error-code-of.js';
import { firstTime } from './first-time.js';
import { array, int16, int32, int64, string } from '../protocol/types.js';

const request = {
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      offset: int64(),
    }),
  }),
  timeoutMs: int32(),
};

const response = {
  throttleTimeMs: int32().or(0),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      lowWatermark: int64(),
      errorCode: int16(),
    }),
  }),
};

export const deleteRecords = api({
  key: 21,
  name: 'DeleteRecords',
  versions: '0-2',
  flexibleFrom: 2,
  request,
  response,
  async handle({ topics }, { broker }) {
    const isFirst = firstTime();
    return {
      topics: await Promise.all(
        topics.map(async ({ name, partitions }) => ({
          name,
          partitions: await Promise.all(
            partitions
              .filter(({ partitionIndex }) => isFirst(`${name}/${partitionIndex}`))
              .map(async ({ partitionIndex, offset }) => ({
                partitionIndex,
                ...(await deleteBefore(
                  broker.topics.get(name)?.partitions[partitionIndex],
                  offset,
                )),
              })),
          ),
        })),
      ),
    };
  },
});

const HIGH_WATERMARK = -1;

async function deleteBefore(log: PartitionLog | undefined, offset: number) {
  if (!log) return { lowWatermark: -1, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  try {
    const bound = offset === HIGH_WATERMARK ? log.highWatermark : offset;
    return { lowWatermark: await log.deleteRecordsBefore(bound), errorCode: ErrorCode.NONE };
  } catch (error) {
    return { lowWatermark: -1, errorCode: errorCodeOf(error) };
  }
}
