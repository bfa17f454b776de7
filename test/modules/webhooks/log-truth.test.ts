import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Kafka, logLevel } from 'kafkajs';

import { startBroker, type RunningBroker } from '../../../src/kafka/broker/start-broker.js';
import { RedriveDeadLetters } from '../../../src/modules/webhooks/use-cases/redrive-dead-letters.js';
import { eventually } from '../../support/eventually.js';
import { failing, labels, LabelledReceiver } from '../../support/labelled-receiver.js';
import { StoredRows } from './stored-rows.js';
import { testBed, webhookState, WebhooksApp, type TestBed } from './webhooks-app.js';

describe('a process that takes over a partition whose log is not what it was', () => {
  let dataDir: string;
  let broker: RunningBroker;
  let bed: TestBed;
  let rows: StoredRows;
  let receiver: LabelledReceiver;
  let app: WebhooksApp;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'millrace-log-truth-'));
    broker = await startBroker({ dataDir });
    bed = await testBed(`127.0.0.1:${broker.port}`);
    rows = await StoredRows.open(bed);
    receiver = await LabelledReceiver.listen();
    app = await WebhooksApp.start(bed);
  });
  afterEach(async () => {
    await app.stop();
    await broker.stop();
    await rows.close();
    await receiver.close();
    await bed.database.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Stops the process and lets something happen to the log before it is started again. */
  const restart = async (
    meanwhile: () => Promise<void>,
    state: ReturnType<typeof webhookState>,
  ): Promise<void> => {
    await app.stop();
    await meanwhile();
    app = await WebhooksApp.start(bed);
    app.know(state.uid, state);
  };
  /** Stops the broker, cuts the last batch of the topic off its log, and starts it again. */
  const cutLastBatch = async (topicId: string): Promise<void> => {
    const { port } = broker;
    await broker.stop();
    const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
    const segments = files
      .map(({ name, parentPath }) => join(parentPath, name))
      .filter((path) => path.endsWith('.log') && path.includes(topicId.replaceAll('-', '')));
    expect(segments).toHaveLength(1);
    const [segment = ''] = segments;
    await truncate(segment, (await stat(segment)).size - 1);
    broker = await startBroker({ dataDir, port });
  };
  const stored = (topic: string, floor: number) =>
    eventually(
      () => rows.floors(topic),
      ([row]) => row?.floor === floor,
    );
  const publishOneByOne = async (topic: string, ...events: readonly string[]) => {
    for (const label of events) await app.publish(topic, [label], 0);
  };

  it('records what was cut off, and delivers what is there now, though offsets repeat', async () => {
    const topic = await app.createTopic(1);
    const retry = { scheduleSeconds: [], jitter: 0 };
    const state = webhookState(topic, receiver.receiver.url, { retry });
    app.know(state.uid, state);
    await rows.followed(topic.name, 1);
    receiver.respond(failing('a3'));
    await publishOneByOne(topic.name, 'a1', 'a2', 'a3');
    await stored(topic.name, 3);
    expect(await rows.exceptions(state.uid)).toMatchObject([{ offset: 2, state: 'dead' }]);
    await restart(async () => {
      await cutLastBatch(topic.id);
    }, state);
    receiver.respond(failing());
    await publishOneByOne(topic.name, 'b1', 'b2');
    expect(await receiver.takes(4)).toEqual(['a1', 'a2', 'b1', 'b2']);
    expect(await rows.gaps(state.uid)).toEqual([
      { partition: 0, reason: 'truncated', from: 2, to: 3 },
    ]);
    await stored(topic.name, 4);
    // The dead letter of a lost record is kept: it has the event.
    const redrive = app.get(RedriveDeadLetters);
    const all = { subscriptionUid: state.uid, operationId: 'op', ids: null, filter: null };
    expect(await redrive.execute(all)).toMatchObject({ total: 1 });
    expect((await receiver.takes(5)).at(-1)).toBe('a3');
  });

  it('records what was cut off while another log has grown past it already', async () => {
    const topic = await app.createTopic(1);
    const state = webhookState(topic, receiver.receiver.url);
    app.know(state.uid, state);
    await rows.followed(topic.name, 1);
    await publishOneByOne(topic.name, 'a1', 'a2', 'a3');
    await stored(topic.name, 3);
    await app.stop();
    await cutLastBatch(topic.id);
    const writer = await WebhooksApp.start(await testBed(bed.broker));
    for (const label of labels('b', 4)) await writer.publish(topic.name, [label], 0);
    await writer.stop();
    app = await WebhooksApp.start(bed);
    app.know(state.uid, state);
    expect(await receiver.takes(7)).toEqual([...labels('a', 3), ...labels('b', 4)]);
    expect(await rows.gaps(state.uid)).toEqual([
      { partition: 0, reason: 'truncated', from: 2, to: 3 },
    ]);
  });

  it('records what retention took meanwhile, and goes on behind it', async () => {
    const topic = await app.createTopic(1);
    const state = webhookState(topic, receiver.receiver.url);
    app.know(state.uid, state);
    await rows.followed(topic.name, 1);
    await publishOneByOne(topic.name, 'a1', 'a2');
    await stored(topic.name, 2);
    const writer = await WebhooksApp.start(await testBed(bed.broker));
    await restart(async () => {
      await writer.publish(topic.name, labels('b', 4), 0);
      const kafka = new Kafka({ brokers: [bed.broker], logLevel: logLevel.NOTHING });
      const admin = kafka.admin();
      await admin.connect();
      await admin.fetchTopicOffsets(topic.name);
      const partitions = [{ partition: 0, offset: '5' }];
      await admin.deleteTopicRecords({ topic: topic.name, partitions });
      await admin.disconnect();
    }, state);
    await writer.stop();
    expect(await receiver.takes(3)).toEqual([...labels('a', 2), 'b4']);
    expect(await rows.gaps(state.uid)).toEqual([
      { partition: 0, reason: 'expired', from: 2, to: 5 },
    ]);
  });

  it('begins at the start of a topic that was made again', async () => {
    const topic = await app.createTopic(1);
    const state = webhookState(topic, receiver.receiver.url);
    app.know(state.uid, state);
    await rows.followed(topic.name, 1);
    await publishOneByOne(topic.name, 'a1', 'a2');
    await stored(topic.name, 2);
    const writer = await WebhooksApp.start(await testBed(bed.broker));
    await restart(async () => {
      await writer.log.admin.deleteTopic(topic.name);
      await writer.createTopic(1, topic.name);
      await writer.publish(topic.name, labels('b', 3), 0);
    }, state);
    await writer.stop();
    expect(await receiver.takes(5)).toEqual([...labels('a', 2), ...labels('b', 3)]);
    expect(await rows.gaps(state.uid)).toMatchObject([
      { partition: 0, reason: 'deleted', from: 2 },
    ]);
  });
});
