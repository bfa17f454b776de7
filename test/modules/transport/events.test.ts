import { jest } from '@jest/globals';
import { KafkaJSNonRetriableError } from 'kafkajs';
import { LaneSet } from '../../../src/kafka/transport/server/lane-set.js';
import { eventually } from '../../support/eventually.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import { PlainKafka } from './support/plain-kafka.js';
import { ToyApp } from './support/toy-app.js';
import { alpha, beta, widgetLost, widgetMade } from './support/toy-contracts.js';

describe('domain events', () => {
  let database: TestDatabase;
  let prefix: string;
  let toy: ToyApp;
  let plain: PlainKafka;

  beforeEach(async () => {
    database = await freshDatabase();
    prefix = `${database.name}.`;
    toy = await ToyApp.start({ databaseUrl: database.url, prefix });
    plain = await new PlainKafka().connect();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await plain.close();
    await toy.stop();
    await database.drop();
  });

  const publish = (contract: typeof widgetMade, id: string, key = 'k'): Promise<void> =>
    toy.unitOfWork(alpha).run(async (tx) => tx.publishEvent(contract, key, { id }));

  const effects = async (): Promise<readonly string[]> => {
    const rows = await toy
      .dataSource(beta)
      .query<{ what: string }[]>(`SELECT what FROM effects ORDER BY id`);
    return rows.map(({ what }) => what);
  };

  const recordEffects = (): void => {
    toy.script.onMade = async ({ id }, { manager }) => {
      await manager.query(`INSERT INTO effects (what) VALUES ($1)`, [id]);
    };
  };

  it('reach their handler, whose writes are in the transaction of the inbox row', async () => {
    recordEffects();
    await publish(widgetMade, 'a');
    expect(await eventually(effects, (found) => found.length === 1)).toEqual(['a']);
    expect(await toy.dataSource(beta).query(`SELECT message_id FROM inbox`)).toHaveLength(1);
  });

  it('are not held up by a handler of another event that hangs', async () => {
    let release = (): void => {};
    toy.script.onLost = () => new Promise((resolve) => (release = resolve));
    recordEffects();
    await publish(widgetLost, 'hangs');
    await publish(widgetMade, 'a');
    expect(await eventually(effects, (found) => found.length === 1, 5)).toEqual(['a']);
    release();
  });

  it('of one key are handled in order, also when one has to be tried again', async () => {
    const attempts: string[] = [];
    toy.script.onMade = async ({ id }, { attempt }) => {
      attempts.push(`${id}${attempt}`);
      if (id === 'a' && attempt < 3) throw new Error('not yet');
    };
    await publish(widgetMade, 'a');
    await publish(widgetMade, 'b');
    const seen = await eventually(
      () => attempts,
      (found) => found.includes('b1'),
    );
    expect(seen).toEqual(['a1', 'a2', 'a3', 'b1']);
  });

  it('that are sent again are handled once', async () => {
    recordEffects();
    const message = { value: '{"id":"a"}', key: 'k', headers: { 'millrace-message-id': 'm1' } };
    await plain.send(prefix + widgetMade.name, message, message, {
      ...message,
      value: '{"id":"b"}',
      headers: { 'millrace-message-id': 'm2' },
    });
    expect(await eventually(effects, (found) => found.includes('b'))).toEqual(['a', 'b']);
  });

  it('whose offset was lost after the handler had committed are handled once', async () => {
    recordEffects();
    await publish(widgetMade, 'a');
    await eventually(effects, (found) => found.length === 1);
    await toy.stop();
    const group = { groupId: `${prefix}beta`, topic: prefix + widgetMade.name };
    const partitions = [0, 1, 2].map((partition) => ({ partition, offset: '0' }));
    await plain.admin.setOffsets({ ...group, partitions });
    toy = await ToyApp.start({ databaseUrl: database.url, prefix });
    recordEffects();
    await publish(widgetMade, 'b');
    expect(await eventually(effects, (found) => found.includes('b'))).toEqual(['a', 'b']);
    await eventually(
      () => plain.committed(group.groupId, group.topic),
      (sum) => sum === 2,
    );
  });

  it('that are handled are committed before the consumer leaves, however soon it stops', async () => {
    let handled = 0;
    toy.script.onMade = async () => {
      handled += 1;
      if (handled === 30) void toy.stop();
    };
    await toy.unitOfWork(alpha).run(async (tx) => {
      for (let index = 0; index < 60; index += 1)
        tx.publishEvent(widgetMade, `k${index}`, { id: 'x' });
    });
    await eventually(
      () => handled,
      (count) => count >= 30,
    );
    await toy.stop();
    const committed = await plain.committed(`${prefix}beta`, prefix + widgetMade.name);
    expect(committed).toBe(handled);
  });

  it('that end the process at every try become dead letters without another try', async () => {
    let handled = 0;
    toy.script.onMade = async () => void (handled += 1);
    const begunFiveTimes = `INSERT INTO event_attempts (message_id, attempt) VALUES ('deadly', 5)`;
    await toy.dataSource(beta).query(begunFiveTimes);
    await plain.send(
      prefix + widgetMade.name,
      { key: 'k', value: '{"id":"x"}', headers: { 'millrace-message-id': 'deadly' } },
      { key: 'k', value: '{"id":"fine"}' },
    );
    await eventually(
      () => handled,
      (count) => count > 0,
    );
    expect(handled).toBe(1);
    const [letter] = await plain.read(`${prefix}beta.dead-letters`, 1);
    expect(letter!.headers).toMatchObject({
      'millrace-message-id': 'deadly',
      'millrace-dead-letter-error-code': 'TRANSPORT.HANDLING_NEVER_ENDED',
    });
  });

  it('are counted before each try that may end the process, and not when they succeed', async () => {
    const noted = () =>
      toy.dataSource(beta).query<{ attempt: number }[]>(`SELECT attempt FROM event_attempts`);
    const seen: { id: string; attempt: number; noted: unknown }[] = [];
    toy.script.onMade = async ({ id }, { attempt }) => {
      seen.push({ id, attempt, noted: await noted() });
      if (id === 'weak' && attempt < 3) throw new Error('not yet');
    };
    await publish(widgetMade, 'first');
    await eventually(
      () => plain.committed(`${prefix}beta`, prefix + widgetMade.name),
      (sum) => sum === 1,
    );
    await publish(widgetMade, 'fine');
    await publish(widgetMade, 'weak');
    await eventually(
      () => seen,
      (found) => found.length === 5,
    );
    expect(seen).toEqual([
      { id: 'first', attempt: 1, noted: [{ attempt: 1 }] },
      { id: 'fine', attempt: 1, noted: [] },
      { id: 'weak', attempt: 1, noted: [] },
      { id: 'weak', attempt: 2, noted: [{ attempt: 2 }] },
      { id: 'weak', attempt: 3, noted: [{ attempt: 3 }] },
    ]);
    await eventually(noted, (rows) => rows.length === 0);
  });

  it('of a topic that was deleted and made again are all handled', async () => {
    recordEffects();
    const topic = prefix + widgetMade.name;
    for (const id of ['a', 'b', 'c']) await publish(widgetMade, id);
    await eventually(
      () => plain.committed(`${prefix}beta`, topic),
      (sum) => sum === 3,
    );
    await plain.admin.deleteTopics({ topics: [topic] });
    for (const id of ['d', 'e']) await publish(widgetMade, id);
    const found = await eventually(effects, (ids) => ids.includes('e'));
    expect(found).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('make a crashed consumer visible, and go on by themselves', async () => {
    recordEffects();
    const crash = jest.spyOn(LaneSet.prototype, 'enqueue').mockImplementation(() => {
      throw new KafkaJSNonRetriableError('the client is broken');
    });
    await publish(widgetMade, 'a');
    const check = async () => {
      const { checks } = await toy.health.readiness();
      return checks.find(({ name }) => name === 'transport.beta');
    };
    const broken = await eventually(check, (found) => /crashed/.test(found?.detail ?? ''));
    expect(broken).toMatchObject({ ok: false });
    crash.mockRestore();
    expect(await eventually(effects, (found) => found.length === 1)).toEqual(['a']);
    await eventually(
      () => toy.health.readiness(),
      ({ ready }) => ready,
    );
  });
});
