import { EventAttempts1780000000002 } from './event-attempts.migration.js';
import { TransportTables1780000000001 } from './transport-tables.migration.js';

/** Transport's tables; every module adds them to the migrations of its own schema. */
export const transportMigrations = [
  TransportTables1780000000001,
  EventAttempts1780000000002,
] as const;
