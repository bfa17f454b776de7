/*
 * Produce: appends record batches. The batches go to the log as they are, without a copy. Requests
 * of one connection overlap, so that a pipelining client shares one fsync.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import { errorCodeOf } from './error-code-of.js';
import { repeated } from './repeated.js';
import { BATCH_HEADER_BYTES, batchSizeAt } from '../records/batch-header.js';
import { DecompressionBudget } from '../records/compression/decompression-budget.js';
import type { Broker } from '../broker.js';
import { array, bytes, int16, int32, int64, string, struct } from '../protocol/types.js';

const request = {
  transactionalId: string('3+').nullable('3+'),
  acks: int16(),
  timeoutMs: int32(),
  topicData: array({
    name: string(),
    partitionData: array({
      index: int32(),
      records: bytes().nullable(),
    }),
  }),
};

const response = {
  responses: array({
    name: string(),
    partitionResponses: array({
      index: int32(),
      errorCode: int16(),
      baseOffset: int64(),
      logAppendTimeMs: int64('2+').or(-1),
      logStartOffset: int64('5+').or(-1),
      recordErrors: array(
        {
          batchIndex: int32('8+').or(0),
          batchIndexErrorMessage: string('8+').nullable('8+').or(null),
        },
        '8+',
      ).or([]),
      errorMessage: string('8+').nullable('8+').or(null),
      currentLeader: struct(
        {
          leaderId: int32('10+').or(-1),
          leaderEpoch: int32('10+').or(-1),
        },
        '10+',
      ).tagged(0, '10+'),
    }),
  }),
  throttleTimeMs: int32('1+').or(0),
  nodeEndpoints: array(
    {
      nodeId: int32('10+').or(0),
      host: string('10+').or(''),
      port: int32('10+').or(0),
      rack: string('10+').nullable('10+').or(null),
    },
    '10+',
  )
    .tagged(0, '10+')
    .or([]),
};

export const produce = api({
  key: 0,
  name: 'Produce',
  versions: '0-11',
  flexibleFrom: 9,
  overlaps: true,
  request,
  response,
  async handle({ acks, topicData }, { broker }) {
    const twice = repeatedPartitions(topicData);
    const decompression = new DecompressionBudget();
    const write = (topic: string, index: number, records: Buffer | null) => {
      if (!isAcks(acks)) return refused(index, ErrorCode.INVALID_REQUIRED_ACKS);
      if (twice?.has(placeOf(topic, index))) return refused(index, ErrorCode.INVALID_REQUEST);
      return append({ broker, topic, index, decompression }, records);
    };
    const responses = await Promise.all(
      topicData.map(async ({ name, partitionData }) => ({
        name,
        partitionResponses: await Promise.all(
          partitionData.map(({ index, records }) => write(name, index, records)),
        ),
      })),
    );
    if (acks !== 0) return { responses };
    const failed = responses.flatMap((r) => r.partitionResponses).find((p) => p.errorCode !== 0);
    // Without an answer, closing the connection is the only way to tell (as Kafka does).
    if (failed)
      throw new KafkaError(failed.errorCode as ErrorCode, 'a produce without acks failed');
    return null;
  },
});

/** Partitions of one request that are all written before anything else is done. */
const FEW = 1_000;

const placeOf = (topic: string, index: number): string => `${topic}/${index}`;

/**
 * Partitions that are named more than once, where there are many: no client does that, and a hundred
 * thousand small batches would keep all others waiting. Undefined where there are few.
 */
function repeatedPartitions(
  topics: ReadonlyArray<{
    readonly name: string;
    readonly partitionData: ReadonlyArray<{ readonly index: number }>;
  }>,
): ReadonlySet<string> | undefined {
  const count = topics.reduce((sum, { partitionData }) => sum + partitionData.length, 0);
  if (count <= FEW) return undefined;
  return repeated(
    topics.flatMap(({ name, partitionData }) => partitionData.map((p) => placeOf(name, p.index))),
  );
}

function isAcks(acks: number): boolean {
  return acks === 0 || acks === 1 || acks === -1;
}

/** Whether a second whole batch follows the first: Kafka takes one of a partition. */
function hasSeveralBatches(records: Buffer): boolean {
  if (records.length < 2 * BATCH_HEADER_BYTES) return false;
  const first = batchSizeAt(records, 0);
  const rest = records.length - first;
  if (first < BATCH_HEADER_BYTES || rest < BATCH_HEADER_BYTES) return false;
  return batchSizeAt(records, first) <= rest;
}

interface PartitionResponse {
  readonly index: number;
  readonly errorCode: number;
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  readonly errorMessage: string | null;
}

interface Target {
  readonly broker: Broker;
  readonly topic: string;
  readonly index: number;
  readonly decompression: DecompressionBudget;
}

async function append(
  { broker, topic, index, decompression }: Target,
  records: Buffer | null,
): Promise<PartitionResponse> {
  const log = broker.topics.get(topic)?.partitions[index];
  if (!log) return refused(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  if (!records) return refused(index, ErrorCode.CORRUPT_MESSAGE);
  if (hasSeveralBatches(records)) {
    return refused(index, ErrorCode.INVALID_RECORD, 'more than one batch for a partition');
  }
  try {
    const { baseOffset, logAppendTime, logStartOffset } = await log.append(records, {
      decompression,
      admit: (producer) => broker.transactions.requireMayWrite(producer, topic, index),
    });
    return {
      index,
      errorCode: ErrorCode.NONE,
      baseOffset,
      logAppendTimeMs: logAppendTime,
      logStartOffset,
      errorMessage: null,
    };
  } catch (error) {
    return refused(index, errorCodeOf(error), (error as Error).message);
  }
}

function refused(
  index: number,
  errorCode: number,
  message: string | null = null,
): PartitionResponse {
  return {
    index,
    errorCode,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    errorMessage: message,
  };
}
