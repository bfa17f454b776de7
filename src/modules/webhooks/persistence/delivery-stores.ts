import type { Provider } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { DeadLetterStore } from '../../../delivery/persistence/dead-letter.store.js';
import { DeliveryGapStore } from '../../../delivery/persistence/delivery-gap.store.js';
import { OperationStore } from '../../../delivery/persistence/operation.store.js';
import { PostgresCheckpointStore } from '../../../delivery/persistence/postgres-checkpoint.store.js';
import { ProgressStore } from '../../../delivery/persistence/progress.store.js';
import { RedriveStore } from '../../../delivery/persistence/redrive.store.js';

type Store = new (dataSource: DataSource) => object;

const stores: readonly Store[] = [
  DeadLetterStore,
  DeliveryGapStore,
  OperationStore,
  PostgresCheckpointStore,
  ProgressStore,
  RedriveStore,
];

/** Delivery's stores in this module's schema. */
export const deliveryStores: readonly Provider[] = stores.map((store) => ({
  provide: store,
  useFactory: (dataSource: DataSource) => new store(dataSource),
  inject: [getDataSourceToken('webhooks')],
}));
