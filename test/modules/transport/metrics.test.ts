import { MetricsRegistry } from '../../../src/common/metrics/metrics-registry.js';
import { eventually } from '../../support/eventually.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import { ToyApp } from './support/toy-app.js';
import { alpha, ask, beta, widgetMade } from './support/toy-contracts.js';

describe("the transport's metrics", () => {
  let database: TestDatabase;
  let toy: ToyApp;

  beforeAll(async () => {
    database = await freshDatabase();
    toy = await ToyApp.start({ databaseUrl: database.url, prefix: `${database.name}.` });
  });

  afterAll(async () => {
    await toy.stop();
    await database.drop();
  });

  const read = (): Promise<string> => toy.app.get(MetricsRegistry, { strict: false }).metrics();
  const line = (name: string, labels: Record<string, string>, value: string): string => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}{${pairs.join(',')}} ${value}\n`;
  };

  it('count the tries of events by what became of them', async () => {
    toy.script.onMade = async (_, { attempt }) => {
      if (attempt === 1) throw new Error('not yet');
    };
    await toy.unitOfWork(alpha).run(async (tx) => tx.publishEvent(widgetMade, 'k', { id: 'a' }));
    const labels = { module: beta, contract: widgetMade.name };
    const handled = line('millrace_module_events_total', { ...labels, outcome: 'handled' }, '1');
    const text = await eventually(read, (found) => found.includes(handled));
    expect(text).toContain(
      line('millrace_module_events_total', { ...labels, outcome: 'failed' }, '1'),
    );
  });

  it('time requests by how they ended', async () => {
    toy.script.onAsk = async () => ({ text: 'yes' });
    await toy.client.request(ask, { text: 'x' });
    toy.script.onAsk = () => new Promise(() => {});
    const late = toy.client.request(ask, { text: 'x' }, { timeoutMs: 50 });
    await expect(late).rejects.toMatchObject({ code: 'TRANSPORT.REQUEST_TIMED_OUT' });
    const text = await read();
    const labels = { module: beta, contract: ask.name };
    const counted = 'millrace_module_request_duration_seconds_count';
    expect(text).toContain(line(counted, { ...labels, outcome: 'answered' }, '1'));
    expect(text).toContain(line(counted, { ...labels, outcome: 'timed-out' }, '1'));
  });

  it('tell how much waits in each outbox, and for how long', async () => {
    expect(await read()).toContain(line('millrace_outbox_rows', { module: alpha }, '0'));
    const runner = toy.dataSource(alpha).createQueryRunner();
    await runner.startTransaction();
    await runner.query(
      `INSERT INTO outbox (topic, key, value, headers, created_at)
       SELECT 'nowhere?', 'k', '{}', '{}', now() - interval '1 hour' FROM generate_series(1, 3)`,
    );
    await runner.commitTransaction();
    await runner.release();
    const text = await read();
    expect(text).toContain(line('millrace_outbox_rows', { module: alpha }, '3'));
    const age = /millrace_outbox_oldest_age_seconds\{module="alpha"\} ([\d.]+)/.exec(text)?.[1];
    expect(Number(age)).toBeGreaterThanOrEqual(3_600);
    await toy.dataSource(alpha).query(`DELETE FROM outbox`);
  });
});
