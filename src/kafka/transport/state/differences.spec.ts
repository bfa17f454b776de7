import { differences } from './differences.js';
import type { StateRow } from './state-source.js';
import { StateTable } from './state-table.js';

async function* rowsOf(...rows: StateRow<unknown>[]): AsyncIterable<StateRow<unknown>> {
  yield* rows;
}

const none = new Set<string>();

describe('differences between a database and its topic', () => {
  const tableOf = (...changes: { uid: string; version: number; state: unknown }[]) => {
    const table = new StateTable<unknown>(async () => true);
    for (const change of changes) table.apply(change);
    return table;
  };

  it('are none when both say the same, in whatever order the fields are', async () => {
    const table = tableOf({ uid: 'a', version: 1, state: { x: 1, y: 2 } });
    const rows = rowsOf({ uid: 'a', version: 1, state: { y: 2, x: 1, z: undefined } });
    expect(await differences(rows, table, none)).toEqual([]);
  });

  it('are rows that the topic lacks or has otherwise, and tombstones of what is gone', async () => {
    const table = tableOf(
      { uid: 'old', version: 1, state: 'old' },
      { uid: 'other', version: 2, state: 'x' },
      { uid: 'gone', version: 4, state: 'gone' },
      { uid: 'ahead', version: 9, state: 'newer than the read of the database' },
    );
    const rows = rowsOf(
      { uid: 'old', version: 2, state: 'new' },
      { uid: 'other', version: 2, state: 'y' },
      { uid: 'missing', version: 1, state: 'm' },
      { uid: 'ahead', version: 8, state: 'a' },
    );
    expect(await differences(rows, table, none)).toEqual([
      { uid: 'old', version: 2, state: 'new' },
      { uid: 'other', version: 2, state: 'y' },
      { uid: 'missing', version: 1, state: 'm' },
      { uid: 'gone', version: 5, state: null },
    ]);
  });

  it('leave out what is still in the outbox', async () => {
    const table = tableOf({ uid: 'gone', version: 1, state: 'x' });
    const rows = rowsOf({ uid: 'a', version: 1, state: 'a' });
    expect(await differences(rows, table, new Set(['a', 'gone']))).toEqual([]);
  });

  it('are records that must not be the last of their key', async () => {
    const table = tableOf(
      { uid: 'live', version: 3, state: 'live' },
      { uid: 'live', version: 2, state: 'stale' },
      { uid: 'dead', version: 3, state: null },
      { uid: 'dead', version: 2, state: 'stale' },
    );
    table.displace('forged');
    const rows = rowsOf({ uid: 'live', version: 3, state: 'live' });
    expect(await differences(rows, table, none)).toEqual([
      { uid: 'live', version: 3, state: 'live' },
      { uid: 'dead', version: 3, state: null },
      { uid: 'forged', version: 1, state: null },
    ]);
  });

  it('do not fight for a row whose tombstone has its version', async () => {
    const table = tableOf({ uid: 'a', version: 2, state: null });
    expect(await differences(rowsOf({ uid: 'a', version: 2, state: 'a' }), table, none)).toEqual(
      [],
    );
  });
});
