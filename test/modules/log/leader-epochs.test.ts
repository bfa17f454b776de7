import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startBroker, type RunningBroker } from '../../../src/kafka/broker/start-broker.js';
import { KafkaEventLog } from '../../../src/kafka/log/kafka-event-log.js';
import { LogTopicGone } from '../../../src/kafka/log/log.errors.js';
import { freshTopic, openLog, readAll, record } from './support/log-harness.js';

describe('where a leader’s epoch ended', () => {
  let dataDir: string;
  let broker: RunningBroker;
  let log: KafkaEventLog;

  const start = async (): Promise<void> => {
    broker = await startBroker({ dataDir });
    log = new KafkaEventLog({ brokers: [`127.0.0.1:${broker.port}`], ssl: false });
  };
  const stop = async (): Promise<void> => {
    await log.close();
    await broker.stop();
  };
  const write = async (...values: string[]): Promise<void> => {
    for (const value of values) {
      await log.publisher.publish('events', [record(value, { partition: 0 })]);
    }
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'millrace-epochs-'));
    await start();
    await log.admin.createTopic({ name: 'events', partitions: 1 });
  });

  afterEach(async () => {
    await stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('is told for the present epoch, and for one before the broker was started again', async () => {
    const first = broker.leaderEpoch;
    await write('a', 'b', 'c');
    expect(await log.admin.epochEnd('events', 0, first)).toEqual({
      leaderEpoch: first,
      endOffset: 3,
    });
    await stop();
    await start();
    const second = broker.leaderEpoch;
    expect(second).toBeGreaterThan(first);
    await write('d');
    expect(await log.admin.epochEnd('events', 0, first)).toEqual({
      leaderEpoch: first,
      endOffset: 3,
    });
    expect(await log.admin.epochEnd('events', 0, second)).toEqual({
      leaderEpoch: second,
      endOffset: 4,
    });
    expect(await log.admin.epochEnd('events', 0, second + 1)).toBeUndefined();
  });

  it('is told for each partition of a topic', async () => {
    await log.admin.createTopic({ name: 'many', partitions: 3 });
    for (const partition of [1, 2, 2]) {
      await log.publisher.publish('many', [record('a', { partition })]);
    }
    for (const [partition, endOffset] of [0, 1, 2].entries()) {
      const end = await log.admin.epochEnd('many', partition, broker.leaderEpoch);
      expect(end?.endOffset ?? 0).toBe(endOffset);
    }
  });

  it('shows that the log lost its end', async () => {
    const epoch = broker.leaderEpoch;
    await write('kept', 'kept', 'cut');
    const position = 3;
    await stop();
    await cutLastBatch();
    await start();
    await write('written over what was cut');
    const end = await log.admin.epochEnd('events', 0, epoch);
    expect(end).toEqual({ leaderEpoch: epoch, endOffset: 2 });
    expect(position).toBeGreaterThan(end?.endOffset ?? position);
    expect(await readAll(log, { topic: 'events', partition: 0 })).toHaveLength(3);
  });

  it('is an error where there is no such partition', async () => {
    const shared = openLog();
    await expect(shared.admin.epochEnd(freshTopic('none'), 0, 0)).rejects.toThrow(LogTopicGone);
    await shared.close();
    await expect(log.admin.epochEnd('events', 7, 0)).rejects.toThrow(LogTopicGone);
  });

  /** Cuts inside the log's last batch, as a power cut may. */
  const cutLastBatch = async (): Promise<void> => {
    const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
    const segments = files
      .filter(({ name, parentPath }) => name.endsWith('.log') && parentPath.includes('topics'))
      .map(({ name, parentPath }) => join(parentPath, name));
    expect(segments).toHaveLength(1);
    const [segment = ''] = segments;
    await truncate(segment, (await stat(segment)).size - 1);
  };
});
