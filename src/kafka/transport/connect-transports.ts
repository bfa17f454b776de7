import type { INestApplication } from '@nestjs/common';
import { StartRefused } from '../../config/start-refused.js';
import { StateTables } from './state/state-tables.js';
import { TransportRegistry } from './transport-registry.js';
import { InternalTopicMisshapen } from './transport.errors.js';
import { within } from './within.js';

const COMPLETE_WITHIN_MS = 60_000;

/**
 * Connects the servers of the modules in this application, each with its own transport id. Call it
 * before `app.init()`; guards, pipes and filters of the application apply to Kafka handlers too.
 */
export function connectTransports(app: INestApplication): void {
  for (const { server } of app.get(TransportRegistry).transports) {
    app.connectMicroservice({ strategy: server }, { inheritAppConfig: true });
  }
}

/**
 * Starts the servers, and waits until the process's state tables are complete. Call it after
 * `app.init()` and before HTTP listens: with incomplete tables valid keys would be refused.
 * @throws StartRefused when Kafka did not give the tables within a minute, or an internal topic has
 * a shape that cannot be worked with
 */
export async function startTransports(app: INestApplication): Promise<void> {
  await app.startAllMicroservices();
  const complete = app
    .get(StateTables, { strict: false })
    .complete()
    .catch((error: unknown) => {
      throw error instanceof InternalTopicMisshapen ? new StartRefused(error.message) : error;
    });
  await within(COMPLETE_WITHIN_MS, complete, () => {
    return new StartRefused(
      `Kafka did not give the state of topics, keys and subscriptions within ${COMPLETE_WITHIN_MS / 1_000} s. Check KAFKA_BROKERS.`,
    );
  });
}
