import { DeliveryTables1795500000000 } from './delivery-tables.migration.js';

/** Delivery's tables; every module that delivers adds them to the migrations of its own schema. */
export const deliveryMigrations = [DeliveryTables1795500000000] as const;
