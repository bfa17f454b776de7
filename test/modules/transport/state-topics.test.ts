import { startTransports } from '../../../src/kafka/transport/connect-transports.js';
import { eventually } from '../../support/eventually.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import { PlainKafka } from './support/plain-kafka.js';
import { ToyApp } from './support/toy-app.js';
import { alpha, beta, widgets } from './support/toy-contracts.js';
import { saveWidget } from './support/toy-widgets.js';

describe('state topics that somebody tampered with', () => {
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

  const save = (uid: string, version: number): Promise<void> =>
    saveWidget(owner, uid, version, { name: uid, size: version });
  const ofReader = () => reader.tables.ofWidgets;

  it('are made again and filled again by their owner when they were deleted', async () => {
    for (const uid of ['a', 'b', 'c']) await save(uid, 1);
    const topic = `${prefix}state.${widgets.name}`;
    await eventually(
      () => ofReader().size,
      (size) => size === 3,
    );
    await plain.admin.deleteTopics({ topics: [topic] });
    await save('d', 1);
    await eventually(
      () => ofReader().size,
      (size) => size === 4,
    );
    const byName = ofReader().indexBy(({ name }) => name);
    await eventually(
      () =>
        byName.lookup('none').then(
          () => true,
          () => false,
        ),
      Boolean,
    );
    const late = await ToyApp.start({ databaseUrl: database.url, prefix, modules: [beta] });
    const names = await eventually(
      () => [...late.tables.ofWidgets.values()].map(({ name }) => name).sort(),
      (found) => found.length === 4,
    );
    expect(names).toEqual(['a', 'b', 'c', 'd']);
    await late.stop();
  });

  it('are read from the beginning when they were made again and have as many records', async () => {
    const topic = `${prefix}state.${widgets.name}`;
    for (let version = 1; version <= 3; version += 1) await save('a', version);
    await plain.admin.deleteTopics({ topics: [topic] });
    await Promise.all(['b', 'c', 'd', 'e', 'f'].map((uid) => save(uid, 1)));
    const uids = await eventually(
      () => [...ofReader().uids()].sort(),
      (found) => found.length === 6,
    );
    expect(uids).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it.each([
    ['has several partitions', { numPartitions: 3 }, 'has 3 partitions'],
    [
      'is cut by age',
      { configEntries: [{ name: 'cleanup.policy', value: 'delete' }] },
      'cleanup.policy=compact',
    ],
  ])('keep a process from starting when one %s', async (_, config, message) => {
    const elsewhere = `${prefix}else.`;
    const topic = `${elsewhere}state.${widgets.name}`;
    await plain.admin.createTopics({ topics: [{ topic, ...config }] });
    const options = { databaseUrl: database.url, prefix: elsewhere, modules: [beta] };
    const toy = await ToyApp.create(options);
    await expect(startTransports(toy.app)).rejects.toThrow(message);
    await toy.stop();
  });
});
