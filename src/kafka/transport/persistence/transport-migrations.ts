import { TransportTables1780000000001 } from './transport-tables.migration.js';

/** Transport's tables; every module adds them to the migrations of its own schema. */
export const transportMigrations = [TransportTables1780000000001] as const;
