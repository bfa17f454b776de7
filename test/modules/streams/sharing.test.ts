import { Client } from 'pg';

import { newUid } from '../../../src/common/ids.js';
import { eventually } from '../../support/eventually.js';
import { GapStore } from '../../../src/modules/streams/persistence/gap.store.js';
import { envelopes, SseConnection, type SseMessage } from '../../support/sse.js';
import { StreamsApp, testBed, type TestBed } from './streams-app.js';

const partitionsIn = ({ data }: SseMessage): number[] =>
  (JSON.parse(data!) as { partitions: number[] }).partitions;

/** Reads on until the reader is told that it has so many partitions. */
async function assigned(reader: SseConnection, count: number): Promise<readonly number[]> {
  const message = await eventually(
    () => reader.next(),
    (next) => next?.event === 'assigned' && partitionsIn(next).length === count,
  );
  return partitionsIn(message!);
}

describe('readers of one subscription', () => {
  let bed: TestBed;
  let one: StreamsApp;
  let other: StreamsApp;

  beforeAll(async () => {
    bed = await testBed();
    one = await StreamsApp.start(bed);
    other = await StreamsApp.start(bed);
  });
  afterAll(async () => {
    await one.stop();
    await other.stop();
    await bed.database.drop();
  });

  const commit = (app: StreamsApp, stream: string, cursor: string) =>
    app.client.call('POST', `/v1/streams/${stream}/commit`, { json: { cursor } });

  it('share its partitions, and take over from one that hangs up', async () => {
    const topic = await one.createTopic(4);
    const stream = await one.client.createStream(topic.name);
    const first = await SseConnection.open(one.client, stream);
    expect(await assigned(first, 4)).toEqual([0, 1, 2, 3]);
    const second = await SseConnection.open(one.client, stream);
    const halves = [await assigned(first, 2), await assigned(second, 2)];
    expect(halves.flat().sort()).toEqual([0, 1, 2, 3]);
    first.close();
    expect(await assigned(second, 4)).toEqual([0, 1, 2, 3]);
    second.close();
  });

  it('share them across processes too', async () => {
    const topic = await one.createTopic(2);
    const stream = await one.client.createStream(topic.name);
    const here = await SseConnection.open(one.client, stream);
    await assigned(here, 2);
    const there = await SseConnection.open(other.client, stream);
    const [mine] = await assigned(here, 1);
    const [theirs] = await assigned(there, 1);
    expect(new Set([mine, theirs])).toEqual(new Set([0, 1]));
    await one.publishNumbers(topic.name, 1, 1, theirs);
    expect(envelopes(await there.events(1))).toMatchObject([{ partition: theirs }]);
    here.close();
    await assigned(there, 2);
    there.close();
  });

  it('take over from a process that vanished, once its time has run out', async () => {
    const topic = await one.createTopic(1);
    const stream = await one.client.createStream(topic.name);
    const { uid } = await one.client.must<{ uid: string }>('GET', `/v1/subscriptions/${stream}`);
    const database = new Client({ connectionString: bed.database.url });
    await database.connect();
    const dead = newUid();
    await database.query('SET search_path = streams');
    await database.query(
      `INSERT INTO instances VALUES ($1, clock_timestamp() + interval '1 second')`,
      [dead],
    );
    await database.query(`INSERT INTO groups VALUES ($1, 1)`, [uid]);
    await database.query(`INSERT INTO readers VALUES ($1, 'dead', $2)`, [uid, dead]);
    await database.query(`INSERT INTO leases VALUES ($1, 0, 7, 'dead')`, [uid]);
    await database.end();
    const reader = await SseConnection.open(one.client, stream);
    expect(await assigned(reader, 1)).toEqual([0]);
    await one.publishNumbers(topic.name, 1, 1);
    expect(await reader.events(1)).toHaveLength(1);
    reader.close();
  });

  it('commit only what they hold: a former holder is refused, the rest of its cursor stored', async () => {
    const topic = await one.createTopic(2);
    const stream = await one.client.createStream(topic.name);
    await one.publishNumbers(topic.name, 1, 1, 0);
    await one.publishNumbers(topic.name, 2, 2, 1);
    const first = await SseConnection.open(one.client, stream);
    const cursor = (await first.events(2))[1]!.id!;
    const second = await SseConnection.open(one.client, stream);
    const [lost] = await assigned(second, 1);
    const refused = await commit(one, stream, cursor);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      code: 'STREAMS.LEASE_LOST',
      lost: [lost],
      committed: [1 - lost!],
    });
    first.close();
    second.close();
  });

  it('never get one epoch twice, though a gap is recorded while partitions change hands', async () => {
    const topic = await one.createTopic(1);
    const stream = await one.client.createStream(topic.name);
    const { uid } = await one.client.must<{ uid: string }>('GET', `/v1/subscriptions/${stream}`);
    const reader = await SseConnection.open(one.client, stream);
    await assigned(reader, 1);
    const database = new Client({ connectionString: bed.database.url });
    await database.connect();
    await database.query('SET search_path = streams');
    await database.query('BEGIN');
    await database.query('SELECT 1 FROM groups WHERE subscription_uid = $1 FOR UPDATE', [uid]);
    const { rows } = await database.query<{ epoch: string }>(
      'SELECT epoch FROM leases WHERE subscription_uid = $1',
      [uid],
    );
    const epoch = Number(rows[0]!.epoch);
    const position = { topicId: topic.kafkaTopicId, offset: 0 };
    const recording = one.app.get(GapStore, { strict: false }).record({
      subscriptionUid: uid,
      partition: 0,
      epoch,
      gap: { reason: 'truncated', topicId: topic.kafkaTopicId, from: 0, to: 1 },
      resumeAt: position,
      startOffset: 0,
      filterRevision: 1,
    });
    await database.query('UPDATE leases SET epoch = $2 WHERE subscription_uid = $1', [
      uid,
      epoch + 1,
    ]);
    await database.query('COMMIT');
    expect(await recording).toBeUndefined();
    await database.end();
    reader.close();
  });

  it('commit forward only, and a reader that comes back keeps its lease', async () => {
    const topic = await one.createTopic(1);
    const stream = await one.client.createStream(topic.name);
    await one.publishNumbers(topic.name, 1, 3);
    const first = await SseConnection.open(one.client, stream);
    const read = await first.events(3);
    first.close();
    const back = await SseConnection.open(one.client, stream, { lastEventId: read[2]!.id! });
    expect((await commit(one, stream, read[1]!.id!)).status).toBe(200);
    expect((await commit(one, stream, read[0]!.id!)).status).toBe(200);
    back.close();
    const next = await SseConnection.open(one.client, stream);
    expect(envelopes(await next.events(1))).toMatchObject([{ event: { id: '3' } }]);
    next.close();
  });

  it('are told apart from garbage and from other subscriptions by their cursors', async () => {
    const topic = await one.createTopic(1);
    const stream = await one.client.createStream(topic.name);
    const foreign = await one.client.createStream(topic.name);
    await one.publishNumbers(topic.name, 1, 1);
    const reader = await SseConnection.open(one.client, foreign);
    const [message] = await reader.events(1);
    for (const cursor of ['', 'garbage', message!.id!]) {
      const { status, body } = await commit(one, stream, cursor);
      expect([status, body['code']]).toEqual([400, 'STREAMS.CURSOR_INVALID']);
    }
    reader.close();
  });
});
