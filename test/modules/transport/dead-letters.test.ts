import { eventually } from '../../support/eventually.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import { PlainKafka } from './support/plain-kafka.js';
import { ToyApp } from './support/toy-app.js';
import { alpha, beta, widgetMade } from './support/toy-contracts.js';

interface Listed {
  readonly data: readonly { readonly id: string; readonly [field: string]: unknown }[];
  readonly nextCursor: string | null;
}

describe('dead letters', () => {
  let database: TestDatabase;
  let prefix: string;
  let toy: ToyApp;
  let plain: PlainKafka;
  let url: string;
  let failing: boolean;
  let attempts: number;

  beforeEach(async () => {
    database = await freshDatabase();
    prefix = `${database.name}.`;
    toy = await ToyApp.start({ databaseUrl: database.url, prefix });
    plain = await new PlainKafka().connect();
    await toy.app.listen(0, '127.0.0.1');
    url = await toy.app.getUrl();
    failing = true;
    attempts = 0;
    toy.script.onMade = async ({ id }, { manager }) => {
      attempts += 1;
      await manager.query(`INSERT INTO effects (what) VALUES ($1)`, [id]);
      if (failing && id !== 'fine') throw new Error('cannot');
    };
  });

  afterEach(async () => {
    await plain.close();
    await toy.stop();
    await database.drop();
  });

  const topic = (): string => `${prefix}beta.dead-letters`;
  const effects = (): Promise<{ what: string }[]> =>
    toy.dataSource(beta).query(`SELECT what FROM effects ORDER BY id`);

  const list = async (query = ''): Promise<Listed> => {
    const answer = await fetch(`${url}/v1/transport/beta/dead-letters${query}`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Listed;
  };

  const redrive = async (payload: object) => {
    const answer = await fetch(`${url}/v1/transport/beta/dead-letters/redrive`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload),
    });
    expect(answer.status).toBe(200);
    const { results } = (await answer.json()) as { results: readonly Record<string, unknown>[] };
    return results;
  };

  it('end the tries of an event that keeps failing, and the next events go on', async () => {
    await plain.send(
      prefix + widgetMade.name,
      { key: 'k', value: '{"id":"bad"}', headers: { note: '{"x":1}' } },
      { key: 'k', value: '{"id":"fine"}' },
    );
    await eventually(effects, (found) => found.length === 1);
    expect(attempts).toBe(6);
    const [letter] = await plain.read(topic(), 1);
    expect(letter).toMatchObject({
      key: 'k',
      value: '{"id":"bad"}',
      headers: {
        note: '{"x":1}',
        'millrace-dead-letter-contract': widgetMade.name,
        'millrace-dead-letter-origin-topic': prefix + widgetMade.name,
        'millrace-dead-letter-origin-offset': '0',
        'millrace-dead-letter-error-code': 'INTERNAL.UNEXPECTED',
        'millrace-dead-letter-error-message': 'cannot',
        'millrace-dead-letter-attempts': '5',
      },
    });
  });

  it('of messages that break their contract come at once', async () => {
    await plain.send(prefix + widgetMade.name, { key: 'k', value: 'no JSON' });
    const { data } = await eventually(list, ({ data: found }) => found.length === 1);
    expect(data[0]).toMatchObject({ errorCode: 'TRANSPORT.CONTRACT_VIOLATED', attempts: 1 });
    expect(attempts).toBe(0);
  });

  it('are listed in pages, redriven by id or all, and then listed no more', async () => {
    const broken = ['a', 'b', 'c'].map((id) => ({ key: 'k', value: `{"no":"${id}"}` }));
    await plain.send(prefix + widgetMade.name, ...broken);
    await eventually(list, ({ data }) => data.length === 3);
    const first = await list('?limit=2');
    const second = await list(`?limit=2&cursor=${first.nextCursor}`);
    expect([first.data.length, second.data.length, second.nextCursor]).toEqual([2, 1, null]);
    expect(await redrive({ ids: [first.data[0]!.id, 'dl_none'] })).toMatchObject([
      { index: 0, problem: { code: 'TRANSPORT.CONTRACT_VIOLATED' } },
      { index: 1, problem: { code: 'TRANSPORT.DEAD_LETTER_NOT_FOUND' } },
    ]);
    expect((await list()).data).toHaveLength(3);
  });

  it('are handled once by a redrive, however often it is asked for', async () => {
    await toy.unitOfWork(alpha).run(async (tx) => tx.publishEvent(widgetMade, 'k', { id: 'a' }));
    const { data } = await eventually(list, ({ data: found }) => found.length === 1);
    expect(await redrive({})).toMatchObject([{ problem: { code: 'INTERNAL.UNEXPECTED' } }]);
    failing = false;
    const ids = [data[0]!.id];
    const answers = await Promise.all([redrive({ ids }), redrive({ ids }), redrive({})]);
    expect(answers.flat().some(({ ok }) => ok === true)).toBe(true);
    expect(await effects()).toEqual([{ what: 'a' }]);
    expect((await list()).data).toEqual([]);
    expect(await redrive({})).toEqual([]);
  });

  it('are listed once though the process ended between dead letter and offset', async () => {
    await plain.send(prefix + widgetMade.name, { key: 'k', value: 'no JSON' });
    await eventually(list, ({ data }) => data.length === 1);
    await toy.stop();
    const partitions = [0, 1, 2].map((partition) => ({ partition, offset: '0' }));
    await plain.admin.setOffsets({
      groupId: `${prefix}beta`,
      topic: prefix + widgetMade.name,
      partitions,
    });
    toy = await ToyApp.start({ databaseUrl: database.url, prefix });
    await toy.app.listen(0, '127.0.0.1');
    url = await toy.app.getUrl();
    await eventually(
      () => plain.count(topic()),
      (count) => count === 2,
    );
    expect((await list()).data).toHaveLength(1);
  });

  it('are not listed for a module that does not run here', async () => {
    const answer = await fetch(`${url}/v1/transport/gamma/dead-letters`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'TRANSPORT.MODULE_NOT_HERE' });
  });
});
