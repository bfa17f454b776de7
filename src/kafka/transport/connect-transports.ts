import type { INestApplication } from '@nestjs/common';
import { StateTables } from './state/state-tables.js';
import { TransportCore } from './transport-core.js';

/**
 * Connects the servers of the modules in this application, each with its own transport id. Call it
 * before `app.init()`; guards, pipes and filters of the application apply to Kafka handlers too.
 */
export function connectTransports(app: INestApplication): void {
  for (const { server } of app.get(TransportCore).transports) {
    app.connectMicroservice({ strategy: server }, { inheritAppConfig: true });
  }
}

/**
 * Starts the servers, and waits until the process's state tables are complete. Call it after
 * `app.init()` and before HTTP listens.
 */
export async function startTransports(app: INestApplication): Promise<void> {
  await app.startAllMicroservices();
  await app.get(StateTables, { strict: false }).complete();
}
