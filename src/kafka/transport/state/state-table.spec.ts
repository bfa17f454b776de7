import { StateTable } from './state-table.js';

interface Thing {
  readonly name: string;
}

const change = (uid: string, version: number, name: string | null) => ({
  uid,
  version,
  state: name === null ? null : { name },
});

describe('a state table', () => {
  it('keeps its indexes in step, also when a key moves or is shared', () => {
    const table = new StateTable<Thing>(async () => true);
    table.apply(change('u0', 1, 'early'));
    const byName = table.indexBy(({ name }) => name);
    expect(byName.get('early')).toEqual({ name: 'early' });
    table.apply(change('u1', 1, 'n'));
    table.apply(change('u2', 1, 'n'));
    expect(byName.all('n')).toHaveLength(2);
    table.apply(change('u1', 2, 'm'));
    expect(byName.all('n')).toHaveLength(1);
    expect(byName.get('m')).toEqual({ name: 'm' });
    table.apply(change('u2', 2, null));
    expect(byName.all('n')).toEqual([]);
  });

  it('finds by look-up what arrives while it catches up', async () => {
    let table: StateTable<Thing>;
    table = new StateTable<Thing>(async () => {
      table.apply(change('u', 1, 'n'));
      return true;
    });
    const byName = table.indexBy(({ name }) => name);
    expect(await byName.lookup('n')).toEqual({ name: 'n' });
  });

  it('asks Kafka a few times only for a key that keeps missing', async () => {
    let asked = 0;
    const table = new StateTable<Thing>(async () => (asked += 1) > 0);
    const byName = table.indexBy(({ name }) => name);
    for (let count = 0; count < 100; count += 1) await byName.lookup('none');
    expect(asked).toBe(5);
  });

  it('calls nothing unknown while Kafka does not tell, however often it is asked', async () => {
    let reachable = false;
    const table = new StateTable<Thing>(async () => reachable);
    const byName = table.indexBy(({ name }) => name);
    for (let count = 0; count < 10; count += 1) {
      await expect(byName.lookup('n')).rejects.toMatchObject({ code: 'TRANSPORT.UNAVAILABLE' });
    }
    reachable = true;
    expect(await byName.lookup('m')).toBeUndefined();
  });

  it('tells a listener nothing more after it ended', () => {
    const table = new StateTable<Thing>(async () => true);
    const told: string[] = [];
    const end = table.onChange((uid) => void told.push(uid));
    table.apply(change('a', 1, 'n'));
    end();
    table.apply(change('b', 1, 'n'));
    expect(told).toEqual(['a']);
  });
});
