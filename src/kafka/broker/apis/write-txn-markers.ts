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
import { takingTurns } from './taking-turns.js';
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
    const epochs = new CoordinatorEpochs();
    const turn = takingTurns(() => epochs.clear());
    const answers = [];
    for (const { producerId, topics, ...marker } of markers) {
      const isFirst = firstTime();
      const ended = [];
      for (const { name, partitionIndexes } of topics) {
        const partitions = [];
        for (const partitionIndex of partitionIndexes) {
          if (isFirst(`${name}/${partitionIndex}`)) {
            const log = broker.topics.get(name)?.partitions[partitionIndex];
            const errorCode = await end(log, epochs, { producerId, ...marker });
            partitions.push({ partitionIndex, errorCode });
          }
          await turn();
        }
        ended.push({ name, partitions });
      }
      answers.push({ producerId, topics: ended });
    }
    return { markers: answers };
  },
});

/** Epochs of the coordinators that ended something last for each producer, as of this turn. */
class CoordinatorEpochs {
  private readonly known = new Map<PartitionLog, Map<number, number>>();

  /** -1 for a producer that the log does not know. */
  of(log: PartitionLog, producerId: number): number {
    let epochs = this.known.get(log);
    if (epochs === undefined) {
      epochs = new Map(log.producers().map((one) => [one.producerId, one.coordinatorEpoch]));
      this.known.set(log, epochs);
    }
    return epochs.get(producerId) ?? -1;
  }

  written(log: PartitionLog, { producerId, coordinatorEpoch }: Marker): void {
    this.known.get(log)?.set(producerId, coordinatorEpoch);
  }

  clear(): void {
    this.known.clear();
  }
}

interface Marker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly transactionResult: boolean;
  readonly coordinatorEpoch: number;
}

async function end(
  log: PartitionLog | undefined,
  epochs: CoordinatorEpochs,
  marker: Marker,
): Promise<number> {
  if (!log) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  const { producerId, producerEpoch, transactionResult, coordinatorEpoch } = marker;
  if (epochs.of(log, producerId) > coordinatorEpoch) {
    return ErrorCode.TRANSACTION_COORDINATOR_FENCED;
  }
  const batch = encodeEndMarker(
    { outcome: transactionResult ? 'commit' : 'abort', coordinatorEpoch },
    { producerId, producerEpoch, timestamp: Date.now() },
  );
  try {
    await log.append(batch, { origin: 'coordinator' });
    epochs.written(log, marker);
    return ErrorCode.NONE;
  } catch (error) {
    return errorCodeOf(error);
  }
}
