import { MessageSigner } from '../../../src/kafka/transport/wire/message-signer.js';
import { Reconciliation } from '../../../src/kafka/transport/state/reconciliation.js';
import { eventually } from '../../support/eventually.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import { PlainKafka } from './support/plain-kafka.js';
import { ToyApp } from './support/toy-app.js';
import { alpha, beta, secrets, widgets, type Widget } from './support/toy-contracts.js';
import { removeWidget, saveWidget } from './support/toy-widgets.js';

const widget = (name: string, size = 1): Widget => ({ name, size });

describe('state tables', () => {
  let database: TestDatabase;
  let prefix: string;
  let owner: ToyApp;
  let reader: ToyApp;
  let plain: PlainKafka;

  beforeEach(async () => {
    database = await freshDatabase();
    prefix = `${database.name}.`;
    const options = { databaseUrl: database.url, prefix };
    owner = await ToyApp.start({ ...options, modules: [alpha] });
    reader = await ToyApp.start({ ...options, modules: [beta] });
    plain = await new PlainKafka().connect();
  });

  afterEach(async () => {
    await plain.close();
    await Promise.all([owner.stop(), reader.stop()]);
    await database.drop();
  });

  const save = (uid: string, version: number, state: Widget): Promise<void> =>
    saveWidget(owner, uid, version, state);
  const remove = (uid: string, version: number): Promise<void> => removeWidget(owner, uid, version);

  /** Writes a record past the owner. */
  const forge = (
    contract: { readonly name: string },
    uid: string,
    version: number,
    state: Widget | null,
    headers: Record<string, string> = {},
  ): Promise<void> =>
    plain.send(`${prefix}state.${contract.name}`, {
      key: uid,
      value: state && JSON.stringify({ uid, version, state }),
      headers: { 'millrace-version': String(version), ...headers },
    });

  const compareNow = () => owner.app.get(Reconciliation, { strict: false }).compareAll();
  const ofReader = () => reader.tables.ofWidgets;

  it('show a change to whoever asks after it was answered', async () => {
    const byName = ofReader().indexBy(({ name }) => name);
    for (let count = 0; count < 100; count += 1) {
      await save(`u${count}`, 1, widget(`n${count}`));
      expect(await byName.lookup(`n${count}`)).toEqual(widget(`n${count}`));
    }
  });

  it('show a thing that was looked for in vain right before it was made', async () => {
    const byName = ofReader().indexBy(({ name }) => name);
    expect(await byName.lookup('n')).toBeUndefined();
    await save('u', 1, widget('n'));
    expect(await byName.lookup('n')).toEqual(widget('n'));
  });

  it('answer a look-up in vain within a second', async () => {
    const byName = ofReader().indexBy(({ name }) => name);
    const started = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => byName.lookup(`none ${index}`)),
    );
    expect(answers.every((answer) => answer === undefined)).toBe(true);
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  it('are complete before the process is ready', async () => {
    await owner.unitOfWork(alpha).run(async (tx) => {
      for (let index = 0; index < 1_000; index += 1) {
        tx.publishState(secrets, `u${index}`, 1, widget(`n${index}`));
      }
    });
    await eventually(
      () => owner.tables.ofSecrets.size,
      (size) => size === 1_000,
    );
    const late = await ToyApp.start({ databaseUrl: database.url, prefix, modules: [beta] });
    expect(late.tables.ofSecrets.size).toBe(1_000);
    await late.stop();
  });

  it('tell of each change in order, with the state before and after', async () => {
    const told: unknown[] = [];
    ofReader().onChange((...change) => void told.push(change));
    await save('u', 1, widget('a'));
    await save('u', 2, widget('b'));
    await remove('u', 3);
    await eventually(
      () => told,
      (changes) => changes.length === 3,
    );
    expect(told).toEqual([
      ['u', widget('a'), undefined],
      ['u', widget('b'), widget('a')],
      ['u', undefined, widget('b')],
    ]);
  });

  it('ignore an older version, also of something deleted, and the owner puts the topic right', async () => {
    await save('kept', 5, widget('new'));
    await save('gone', 1, widget('x'));
    await remove('gone', 2);
    await forge(widgets, 'kept', 4, widget('old'));
    await forge(widgets, 'gone', 1, widget('x'));
    await save('last', 1, widget('last'));
    await eventually(
      () => ofReader().get('last'),
      (found) => found !== undefined,
    );
    expect(ofReader().get('kept')).toEqual(widget('new'));
    expect(ofReader().get('gone')).toBeUndefined();
    await eventually(
      () => reader.tables.ofWidgets.displaced.size,
      (size) => size === 0,
    );
    const records = await plain.read(`${prefix}state.${widgets.name}`, 8);
    expect(records.findLast(({ key }) => key === 'kept')?.value).toContain('"new"');
    expect(records.findLast(({ key }) => key === 'gone')?.value).toBeUndefined();
  });

  it('drop a record that is not signed by the installation, where the contract asks for it', async () => {
    await owner
      .unitOfWork(alpha)
      .run(async (tx) => tx.publishState(secrets, 'true', 1, widget('true')));
    const signer = new MessageSigner(Buffer.alloc(32, 1));
    const stolen = signer.sign(['state', secrets.name, 'forged', 1, '']);
    await forge(secrets, 'forged', 1, widget('forged'));
    await forge(secrets, 'forged', 1, widget('forged'), { 'millrace-signature': stolen });
    await forge(secrets, 'true', 2, null);
    await owner
      .unitOfWork(alpha)
      .run(async (tx) => tx.publishState(secrets, 'next', 1, widget('next')));
    await eventually(
      () => reader.tables.ofSecrets.get('next'),
      (found) => found !== undefined,
    );
    expect([...reader.tables.ofSecrets.uids()]).toEqual(['true', 'next']);
  });

  it('pass over records that are no states at all', async () => {
    await plain.send(
      `${prefix}state.${widgets.name}`,
      { key: 'u', value: 'null', headers: { 'millrace-version': '2' } },
      { key: 'u', value: '{', headers: { 'millrace-version': '1' } },
      { key: 'u', value: '{}', headers: { 'millrace-version': 'x' } },
    );
    await save('u', 1, widget('fine'));
    const found = await eventually(
      () => ofReader().get('u'),
      (state) => state !== undefined,
    );
    expect(found).toEqual(widget('fine'));
  });

  it("get what the topic lacks of the owner's table, and lose what the table lacks", async () => {
    const { manager } = owner.dataSource(alpha);
    await save('deleted', 3, widget('x'));
    await save('changed', 1, widget('before'));
    await manager.query(`DELETE FROM widgets WHERE uid = 'deleted'`);
    await manager.query(`UPDATE widgets SET state = '{"name":"after","size":1}'`);
    await manager.query(`INSERT INTO widgets VALUES ('missing', 7, '{"name":"m","size":1}')`);
    await compareNow();
    await eventually(
      () => [...ofReader().values()].map(({ name }) => name).sort(),
      (names) => names.join() === 'after,m',
    );
    const before = await plain.count(`${prefix}state.${widgets.name}`);
    await compareNow();
    expect(await plain.count(`${prefix}state.${widgets.name}`)).toBe(before);
  });

  it('are not disturbed by a comparison in the midst of changes', async () => {
    const change = async (uid: string): Promise<void> => {
      for (let version = 1; version <= 20; version += 1) {
        await save(uid, version, widget(uid, version));
      }
    };
    const changes = Promise.all(['a', 'b', 'c', 'd', 'e'].map(change));
    for (let round = 0; round < 20; round += 1) await compareNow();
    await changes;
    await compareNow();
    await eventually(
      () => [...ofReader().values()],
      (states) => states.length === 5 && states.every(({ size }) => size === 20),
    );
    expect(ofReader().displaced.size).toBe(0);
  });
});
