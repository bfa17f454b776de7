import type { SchemaState } from '../../../kafka/contracts/catalog.contracts.js';
import { StateTable } from '../../../kafka/transport/state/state-table.js';
import { CompiledSchemas } from './compiled-schemas.js';

const schemaOf = (type: string, required: string): SchemaState => ({
  uid: `uid of ${type}`,
  topicUid: 'orders',
  topic: 'orders',
  type,
  version: 1,
  compatibility: 'NONE',
  schema: { type: 'object', required: [required] },
});

describe('compiled schemas', () => {
  let table: StateTable<SchemaState>;
  let schemas: CompiledSchemas;
  /** Registered, but not yet in the table: what a catch-up brings. */
  let registered: readonly SchemaState[];
  let catchUps: number;

  const take = (state: SchemaState): void => {
    table.apply({ uid: state.uid, version: state.version, state });
  };

  beforeEach(() => {
    registered = [];
    catchUps = 0;
    table = new StateTable<SchemaState>(async () => {
      catchUps += 1;
      registered.forEach(take);
      return true;
    });
    schemas = new CompiledSchemas(table);
  });

  const faultsOf = (type: string): number | undefined =>
    schemas.validatorOf('orders', type)?.({ total: 1 }).length;

  it('finds a schema that was registered a moment ago', async () => {
    registered = [schemaOf('order.paid', 'total')];
    expect(faultsOf('order.paid')).toBeUndefined();
    await schemas.awaitSchemasOf('orders', ['order.paid']);
    expect(faultsOf('order.paid')).toBe(0);
  });

  it('finds the one for every type, too', async () => {
    registered = [schemaOf('*', 'id')];
    await schemas.awaitSchemasOf('orders', ['order.paid']);
    expect(faultsOf('order.paid')).toBe(1);
  });

  it('asks nobody about types that have one', async () => {
    take(schemaOf('order.paid', 'total'));
    await schemas.awaitSchemasOf('orders', ['order.paid', 'order.paid']);
    expect(catchUps).toBe(0);
    await schemas.awaitSchemasOf('orders', ['order.paid', 'order.sent', 'order.sent']);
    expect(catchUps).toBe(1);
    expect(faultsOf('order.sent')).toBeUndefined();
  });

  it('keeps what a type’s own schema says over that of every type', async () => {
    take(schemaOf('*', 'id'));
    expect(faultsOf('order.paid')).toBe(1);
    take(schemaOf('order.paid', 'total'));
    expect(faultsOf('order.paid')).toBe(0);
  });
});
