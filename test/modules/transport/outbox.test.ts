import { jest } from '@jest/globals';
import { RecordSender } from '../../../src/kafka/transport/connection/record-sender.js';
import { eventually } from '../../support/eventually.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import { PlainKafka } from './support/plain-kafka.js';
import { ToyApp } from './support/toy-app.js';
import { alpha, beta, widgetMade, widgets } from './support/toy-contracts.js';

describe('the outbox', () => {
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

  const topicOf = (contract: typeof widgetMade): string => prefix + contract.name;
  const waiting = async (): Promise<number> => {
    const rows = await toy.dataSource(alpha).query<unknown[]>(`SELECT 1 FROM outbox`);
    return rows.length;
  };
  const isEmpty = (count: number): boolean => count === 0;

  /** Ends the session of alpha's relay while it waits for Kafka: a crash, seen from Postgres. */
  const killRelaySession = async (): Promise<void> => {
    const killed = await toy.dataSource(beta).query<unknown[]>(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'millrace-alpha'
         AND state = 'idle in transaction'`,
    );
    expect(killed).toHaveLength(1);
  };

  it('has given its messages to Kafka when the unit of work resolves', async () => {
    for (let count = 1; count <= 20; count += 1) {
      await toy.unitOfWork(alpha).run(async (tx) => tx.publishEvent(widgetMade, 'k', { id: 'x' }));
      expect(await plain.count(topicOf(widgetMade))).toBe(count);
    }
  });

  it('holds nothing of a unit of work that failed', async () => {
    const failing = toy.unitOfWork(alpha).run(async (tx) => {
      tx.publishEvent(widgetMade, 'k', { id: 'x' });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await waiting()).toBe(0);
  });

  it('refuses what breaks its contract or is too large, and nothing of that work remains', async () => {
    const { manager } = toy.dataSource(alpha);
    const publish = (payload: unknown) =>
      toy.unitOfWork(alpha).run(async (tx) => {
        await tx.manager.query(`INSERT INTO effects (what) VALUES ('written')`);
        tx.publishEvent(widgetMade, 'k', payload as { id: string });
      });
    await expect(publish({})).rejects.toMatchObject({ code: 'TRANSPORT.CONTRACT_VIOLATED' });
    await expect(publish({ id: 'x'.repeat(1_000_000) })).rejects.toMatchObject({
      code: 'TRANSPORT.RECORD_TOO_LARGE',
    });
    expect(await manager.query(`SELECT 1 FROM effects`)).toEqual([]);
  });

  it('keeps its messages while Kafka does not take them, and answers after 2 s all the same', async () => {
    const send = jest
      .spyOn(RecordSender.prototype, 'send')
      .mockRejectedValue(new Error('Kafka is away'));
    const started = performance.now();
    await toy.unitOfWork(alpha).run(async (tx) => tx.publishEvent(widgetMade, 'k', { id: 'x' }));
    expect(performance.now() - started).toBeGreaterThan(1_900);
    expect(performance.now() - started).toBeLessThan(5_000);
    const stuck = await eventually(
      () => toy.health.readiness(),
      ({ ready }) => !ready,
    );
    expect(stuck.checks).toContainEqual(
      expect.objectContaining({ name: 'transport.alpha', ok: false }),
    );
    expect(await waiting()).toBe(1);
    send.mockRestore();
    await eventually(waiting, isEmpty);
    expect(await plain.count(topicOf(widgetMade))).toBe(1);
  });

  it('repeats what a relay had sent when it died before deleting, and handlers see it once', async () => {
    const handled: string[] = [];
    toy.script.onMade = async ({ id }) => void handled.push(id);
    const real = RecordSender.prototype.send;
    jest.spyOn(RecordSender.prototype, 'send').mockImplementationOnce(async function (
      this: RecordSender,
      messages,
    ) {
      await real.call(this, messages);
      await killRelaySession();
    });
    await toy.unitOfWork(alpha).run(async (tx) => tx.publishEvent(widgetMade, 'k', { id: 'a' }));
    await eventually(waiting, isEmpty);
    await toy.unitOfWork(alpha).run(async (tx) => tx.publishEvent(widgetMade, 'k', { id: 'b' }));
    await eventually(
      () => handled,
      (seen) => seen.includes('b'),
    );
    expect(handled).toEqual(['a', 'b']);
    expect(await plain.count(topicOf(widgetMade))).toBe(3);
  });

  it('loses nothing when its relay dies before sending', async () => {
    const real = RecordSender.prototype.send;
    jest.spyOn(RecordSender.prototype, 'send').mockImplementationOnce(async function (
      this: RecordSender,
      messages,
    ) {
      await killRelaySession();
      await real.call(this, messages.slice(0, 0));
      throw new Error('died');
    });
    await toy.unitOfWork(alpha).run(async (tx) => tx.publishEvent(widgetMade, 'k', { id: 'a' }));
    await eventually(waiting, isEmpty);
    expect(await plain.count(topicOf(widgetMade))).toBe(1);
  });

  it('sends the changes of one entity in the order of their versions', async () => {
    const { manager } = toy.dataSource(alpha);
    await manager.query(`INSERT INTO widgets VALUES ('w', 0, '{}')`);
    const change = () =>
      toy.unitOfWork(alpha).run(async (tx) => {
        const [[row]] = await tx.manager.query<[{ version: number }[], number]>(
          `UPDATE widgets SET version = version + 1 WHERE uid = 'w' RETURNING version`,
        );
        const { version } = row!;
        tx.publishState(widgets, 'w', version, { name: 'w', size: version });
      });
    await Promise.all(Array.from({ length: 40 }, change));
    const topic = `${prefix}state.${widgets.name}`;
    await eventually(waiting, isEmpty);
    const records = await plain.read(topic, 40);
    const versions = records.map(({ headers }) => Number(headers['millrace-version']));
    expect(versions).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('does not skip a message that commits after a younger one was sent', async () => {
    const unitOfWork = toy.unitOfWork(alpha);
    const runner = toy.dataSource(alpha).createQueryRunner();
    await runner.startTransaction();
    await runner.query(
      `INSERT INTO outbox (topic, key, value, headers) VALUES ($1, 'slow', '{"id":"slow"}', '{}')`,
      [topicOf(widgetMade)],
    );
    await unitOfWork.run(async (tx) => tx.publishEvent(widgetMade, 'fast', { id: 'fast' }));
    expect(await plain.count(topicOf(widgetMade))).toBe(1);
    await runner.commitTransaction();
    await runner.release();
    await eventually(waiting, isEmpty);
    expect(await plain.count(topicOf(widgetMade))).toBe(2);
  });

  it('is sent once though two processes of the module relay it', async () => {
    const other = await ToyApp.start({ databaseUrl: database.url, prefix, modules: [alpha] });
    const works = [toy, other].flatMap((process) =>
      Array.from({ length: 50 }, (_, index) =>
        process
          .unitOfWork(alpha)
          .run(async (tx) => tx.publishEvent(widgetMade, `k${index}`, { id: 'x' })),
      ),
    );
    await Promise.all(works);
    await eventually(waiting, isEmpty);
    expect(await plain.count(topicOf(widgetMade))).toBe(100);
    await other.stop();
  });

  it('is flushed when the process stops', async () => {
    const transaction = toy.unitOfWork(alpha).runWithoutWaiting(async (tx) => {
      for (let index = 0; index < 500; index += 1) tx.publishEvent(widgetMade, 'k', { id: 'x' });
    });
    await transaction;
    await toy.stop();
    expect(await plain.count(topicOf(widgetMade))).toBe(500);
  });

  it('goes on by itself after Postgres has dropped every session', async () => {
    const handled: string[] = [];
    toy.script.onMade = async ({ id }) => void handled.push(id);
    await toy.dataSource(alpha).query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    const publish = () =>
      toy.unitOfWork(alpha).run(async (tx) => tx.publishEvent(widgetMade, 'k', { id: 'a' }));
    await eventually(
      () =>
        publish().then(
          () => true,
          () => false,
        ),
      Boolean,
    );
    const seen = await eventually(
      () => handled,
      (ids) => ids.length > 0,
    );
    expect(seen).toContain('a');
  });
});
