/*
 * InitProducerId: a new producer id for an idempotent producer, unique over restarts; for a
 * transactional one its id with a new epoch, which fences those before it.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import type { Broker } from '../broker.js';
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import { errorCodeOf } from './error-code-of.js';
import type { ProducerIdentity } from '../transactions/transaction.js';
import { int16, int32, int64, string } from '../protocol/types.js';
import { transactionErrorOf } from './transaction-error-of.js';

const request = {
  transactionalId: string().nullable(),
  transactionTimeoutMs: int32(),
  producerId: int64('3+').or(-1),
  producerEpoch: int16('3+').or(-1),
};

const response = {
  throttleTimeMs: int32().or(0),
  errorCode: int16(),
  producerId: int64().or(-1),
  producerEpoch: int16(),
};

export const initProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: '0-4',
  flexibleFrom: 2,
  request,
  response,
  async handle({ transactionalId, transactionTimeoutMs, ...former }, { broker, version }) {
    let producer: ProducerIdentity = { producerId: -1, producerEpoch: -1 };
    const errorCode = await transactionErrorOf(version >= 4, async () => {
      if ((former.producerId === -1) !== (former.producerEpoch === -1)) {
        throw new KafkaError(ErrorCode.INVALID_REQUEST, 'half of who the producer is');
      }
      producer =
        transactionalId === null
          ? await newProducer(broker)
          : await broker.transactions.initialise({
              transactionalId,
              timeoutMs: transactionTimeoutMs,
              ...former,
            });
    });
    const { producerId, producerEpoch } = producer;
    return { errorCode, producerId, producerEpoch };
  },
});

/**
 * Where no id can be reserved now, as Kafka puts it: who has no transactional id has no coordinator
 * to look for.
 */
async function newProducer({ producerIds }: Broker): Promise<ProducerIdentity> {
  try {
    return { producerId: await producerIds.next(), producerEpoch: 0 };
  } catch (error) {
    if (errorCodeOf(error) !== ErrorCode.KAFKA_STORAGE_ERROR) throw error;
    throw new KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, (error as Error).message);
  }
}
