import { initProducerIdV3 } from '@platformatic/kafka';

import type { Cluster } from '../cluster/cluster.js';
import { LogUnavailable } from '../log.errors.js';
import { kafkaErrorName, kafkaErrors } from '../protocol/error-codes.js';
import { produceApi, type ProducePart, type ProduceResult } from '../protocol/produce.js';
import type { ProduceTransport } from './ports.js';

const ID_TIMEOUT_MS = 2_000;

/** Batches over the cluster's produce connections. */
export class KafkaTransport implements ProduceTransport {
  constructor(private readonly cluster: Cluster) {}

  async send(
    leader: number,
    parts: readonly ProducePart[],
    timeoutMs: number,
  ): Promise<readonly ProduceResult[]> {
    const connection = this.cluster.connection(leader, 'produce');
    return connection.send(produceApi, { parts, timeoutMs: Math.ceil(timeoutMs) }, timeoutMs);
  }

  async newProducerId(): Promise<bigint> {
    const { errorCode, producerId } =
      await this.cluster.ask<initProducerIdV3.InitProducerIdResponse>((connection, done) => {
        initProducerIdV3.api(connection, null, 0, -1n, -1, done);
      }, ID_TIMEOUT_MS);
    if (errorCode !== kafkaErrors.NONE) {
      throw new LogUnavailable(`Kafka gives no producer id: ${kafkaErrorName(errorCode)}.`);
    }
    return producerId;
  }
}
