/** The domain modules. Each owns a folder in src/modules, a Postgres schema and a consumer group. */
export const moduleNames = [
  'access',
  'catalog',
  'ingest',
  'subscriptions',
  'streams',
  'webhooks',
] as const;

/** One of the domain modules. */
export type ModuleName = (typeof moduleNames)[number];
