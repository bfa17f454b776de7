/*
 * DescribeLogDirs: the data directory, and the size of each partition in it.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { diskSpaceOf } from '../storage/disk-space.js';
import { array, bool, int16, int32, int64, string } from '../protocol/types.js';

const request = {
  topics: array({
    topic: string(),
    partitions: array(int32()),
  }).nullable(),
};

const response = {
  throttleTimeMs: int32().or(0),
  errorCode: int16('3+').or(0),
  results: array({
    errorCode: int16(),
    logDir: string(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        partitionSize: int64(),
        offsetLag: int64(),
        isFutureKey: bool(),
      }),
    }),
    totalBytes: int64('4+').or(-1),
    usableBytes: int64('4+').or(-1),
  }),
};

export const describeLogDirs = api({
  key: 35,
  name: 'DescribeLogDirs',
  versions: '1-4',
  flexibleFrom: 2,
  request,
  response,
  async handle({ topics }, { broker }) {
    const wanted = topics && partitionsOf(topics);
    const { totalBytes, usableBytes } = await diskSpaceOf(broker.settings.dataDir);
    const described = broker.topics.all().filter(({ name }) => wanted === null || wanted.has(name));
    return {
      errorCode: ErrorCode.NONE,
      results: [
        {
          errorCode: ErrorCode.NONE,
          logDir: broker.settings.dataDir,
          totalBytes,
          usableBytes,
          topics: described.map((topic) => ({
            name: topic.name,
            partitions: topic.partitions
              .map((log, partitionIndex) => ({
                partitionIndex,
                partitionSize: log.sizeBytes,
                offsetLag: 0,
                isFutureKey: false,
              }))
              .filter(({ partitionIndex }) => wanted?.get(topic.name)?.has(partitionIndex) ?? true),
          })),
        },
      ],
    };
  },
});

/** Of each topic, all that is asked for, also where it is named several times. */
function partitionsOf(
  topics: ReadonlyArray<{ readonly topic: string; readonly partitions: readonly number[] }>,
): ReadonlyMap<string, ReadonlySet<number>> {
  const wanted = new Map<string, Set<number>>();
  for (const { topic, partitions } of topics) {
    const known = wanted.get(topic) ?? new Set();
    for (const partition of partitions) known.add(partition);
    wanted.set(topic, known);
  }
  return wanted;
}
