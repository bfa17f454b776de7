import * as access from './access.contracts.js';
import * as catalog from './catalog.contracts.js';
import type { Contract } from './contract.js';
import * as ingest from './ingest.contracts.js';
import * as streams from './streams.contracts.js';
import * as subscriptions from './subscriptions.contracts.js';
import * as webhooks from './webhooks.contracts.js';

const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'kind' in value && 'owner' in value;

/** Every message between modules, sorted by name; /asyncapi.json shows them. */
export const allContracts: readonly Contract[] = [
  access,
  catalog,
  ingest,
  streams,
  subscriptions,
  webhooks,
]
  .flatMap((file) => Object.values<unknown>(file))
  .filter(isContract)
  .sort((a, b) => (a.name < b.name ? -1 : 1));
