/*
 * WriteTxnMarkers: ends transactions on partitions, whatever their coordinator knows of them. Admin
 * clients send it for transactions that hang (KIP-664).
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { encodeEndMarker } from '../records/control-batch.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { errorCodeOf } from './error-code-of.js';
import { firstTime } from './first-time.js';
import { takingTurns } from '../concurrency/taking-turns.js';
import { array, bool, int16, int32, int64, string } from '../protocol/types.js';

const request = {
  markers: array({
    producerId: int64(),
    producerEpoch: int16(),
    transactionResult: bool(),
    topics: array({
      name: string(),
      partitionIndexes: array(int32()),
    }),
    coordinatorEpoch: int32(),
  }),
};

const response = {
  markers: array({
    producerId: int64(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  }),
};

export const writeTxnMarkers = api({
  key: 27,
  name: 'WriteTxnMarkers',
  versions: '1-1',
  flexibleFrom: 1,
  request,
  response,
  async handle({ markers }, { broker }) {
    const turn = takingTurns();
    const answers = [];
    for (const { producerId, topics, ...marker } of markers) {
      const isFirst = firstTime();
      const ended = [];
      for (const { name, partitionIndexes } of topics) {
        const partitions = [];
        for (const partitionIndex of partitionIndexes) {
          await turn();
          if (!isFirst(`${name}/${partitionIndex}`)) continue;
          const log = broker.topics.get(name)?.partitions[partitionIndex];
          const errorCode = await end(log, { producerId, ...marker });
          partitions.push({ partitionIndex, errorCode });
        }
        ended.push({ name, partitions });
      }
      answers.push({ producerId, topics: ended });
    }
    return { markers: answers };
  },
});

interface Marker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly transactionResult: boolean;
  readonly coordinatorEpoch: number;
}

async function end(log: PartitionLog | undefined, marker: Marker): Promise<number> {
  if (!log) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  const { producerId, producerEpoch, transactionResult, coordinatorEpoch } = marker;
  const known = log.producer(producerId);
  if (known && known.coordinatorEpoch > coordinatorEpoch) {
    return ErrorCode.TRANSACTION_COORDINATOR_FENCED;
  }
  const batch = encodeEndMarker(
    { outcome: transactionResult ? 'commit' : 'abort', coordinatorEpoch },
    { producerId, producerEpoch, timestamp: Date.now() },
  );
  try {
    await log.append(batch, { origin: 'coordinator' });
    return ErrorCode.NONE;
  } catch (error) {
    return errorCodeOf(error);
  }
}
