import * as fc from 'fast-check';

import type { OutgoingRecord, StoredAt } from '../event-log.js';
import { LogError, LogOverloaded, LogRecordTooLarge, LogUnavailable } from '../log.errors.js';
import { Batcher, defaultPublishLimits } from './batcher.js';
import { FakeKafka, type Fate } from '../../../../test/modules/log/support/fake-kafka.js';

const record = (value: string, partition = 0): OutgoingRecord => ({
  key: null,
  value: Buffer.from(value),
  headers: [],
  partitionBy: Buffer.alloc(0),
  partition,
});

const limits = defaultPublishLimits;
/** For sends that never come through. */
const hasty = { ...limits, deliveryTimeoutMs: 150, attemptTimeoutMs: 50 };
const isStored = (outcome: StoredAt | LogError): outcome is StoredAt => 'offset' in outcome;

describe('the batcher', () => {
  it('answers each record with its place, in the order of the call', async () => {
    const kafka = new FakeKafka(2);
    const batcher = new Batcher(kafka, kafka, limits);
    const places = await batcher.publish('t', [record('a', 1), record('b', 0), record('c', 1)]);
    expect(places).toEqual([
      { partition: 1, offset: 0 },
      { partition: 0, offset: 0 },
      { partition: 1, offset: 1 },
    ]);
  });

  it('has one send under way, and makes the next of what came meanwhile', async () => {
    const kafka = new FakeKafka(1);
    const batcher = new Batcher(kafka, kafka, limits);
    await batcher.publish('t', [record('first')]);
    const release = kafka.hold();
    const second = batcher.publish('t', [record('second')]);
    await new Promise(setImmediate);
    const others = Array.from({ length: 50 }, (_, i) => batcher.publish('t', [record(`${i}`)]));
    release();
    await Promise.all([second, ...others]);
    expect(kafka.mostInFlight).toBe(1);
    expect(kafka.sends).toHaveLength(3);
  });

  it('cuts batches below the topic’s bound', async () => {
    const kafka = new FakeKafka(1, 1_000);
    const batcher = new Batcher(kafka, kafka, limits);
    const all = Array.from({ length: 40 }, (_, i) => record(`${i}`.padEnd(90, '.')));
    const outcomes = await batcher.publish('t', all);
    expect(outcomes.every(isStored)).toBe(true);
    expect(kafka.sends.flat().every(({ batch }) => batch.length <= 1_000)).toBe(true);
  });

  it('splits a batch that Kafka refuses, so that only the guilty record fails', async () => {
    const kafka = new FakeKafka(1, 1_000);
    kafka.topic = { id: 'one', leaders: [1], maxBatchBytes: 100_000 };
    const batcher = new Batcher(kafka, kafka, limits);
    const all = Array.from({ length: 9 }, (_, i) => record(`${i}`));
    const outcomes = await batcher.publish('t', [...all, record('x'.repeat(2_000)), record('z')]);
    expect(outcomes[9]).toBeInstanceOf(LogRecordTooLarge);
    expect(outcomes.filter(isStored)).toHaveLength(10);
    expect(kafka.partitions[0]?.values).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', 'z']);
  });

  it('refuses what is over its bound in bytes, and takes it when there is room again', async () => {
    const kafka = new FakeKafka(1);
    const batcher = new Batcher(kafka, kafka, { ...limits, maxBufferedBytes: 500 });
    const release = kafka.hold();
    const first = batcher.publish('t', [record('x'.repeat(400))]);
    await expect(batcher.publish('t', [record('y'.repeat(400))])).rejects.toThrow(LogOverloaded);
    release();
    await first;
    expect(batcher.bufferedBytes).toBe(0);
    await expect(batcher.publish('t', [record('y'.repeat(400))])).resolves.toHaveLength(1);
  });

  it('fails a record after the delivery time, and what waits behind it, never before it', async () => {
    const kafka = new FakeKafka(1);
    const batcher = new Batcher(kafka, kafka, hasty);
    kafka.fates = Array.from({ length: 1_000 }, (): Fate => 'lost-before');
    const calls = ['a', 'b', 'c'].map((value) => batcher.publish('t', [record(value)]));
    for (const [outcome] of await Promise.all(calls)) {
      expect(outcome).toBeInstanceOf(LogUnavailable);
    }
    kafka.fates = [];
    expect(await batcher.publish('t', [record('d')])).toEqual([{ partition: 0, offset: 0 }]);
  });

  it('fences a batch that was given up: it does not land behind a later one', async () => {
    const kafka = new FakeKafka(1);
    const batcher = new Batcher(kafka, kafka, hasty);
    kafka.fates = Array.from({ length: 1_000 }, (): Fate => 'late');
    const [lost] = await batcher.publish('t', [record('lost')]);
    expect(lost).toBeInstanceOf(LogUnavailable);
    kafka.fates = [];
    await batcher.publish('t', [record('next')]);
    await batcher.publish('t', [record('last')]);
    expect(kafka.partitions[0]?.values).toEqual(['next', 'last']);
  });

  it('never takes a new record for the one that was given up but stored', async () => {
    const kafka = new FakeKafka(1);
    const batcher = new Batcher(kafka, kafka, hasty);
    kafka.fates = Array.from({ length: 1_000 }, (): Fate => 'lost-after');
    const [lost] = await batcher.publish('t', [record('lost')]);
    expect(lost).toBeInstanceOf(LogUnavailable);
    kafka.fates = [];
    expect(await batcher.publish('t', [record('next')])).toEqual([{ partition: 0, offset: 1 }]);
    expect(kafka.partitions[0]?.values).toEqual(['lost', 'next']);
  });

  it('settles what was handed in before it closes, and refuses what comes later', async () => {
    const kafka = new FakeKafka(1);
    const batcher = new Batcher(kafka, kafka, limits);
    const call = batcher.publish('t', [record('a')]);
    await batcher.close();
    expect(await call).toEqual([{ partition: 0, offset: 0 }]);
    await expect(batcher.publish('t', [record('b')])).rejects.toThrow(LogUnavailable);
  });

  it('looks again for a topic that the broker does not show yet', async () => {
    const kafka = new FakeKafka(1);
    kafka.showsTopicAfter = 2;
    const batcher = new Batcher(kafka, kafka, limits);
    expect(await batcher.publish('t', [record('a')])).toEqual([{ partition: 0, offset: 0 }]);
  });

  it('tells that there is no such topic or partition', async () => {
    const kafka = new FakeKafka(1);
    const batcher = new Batcher(kafka, kafka, limits);
    const [outside] = await batcher.publish('t', [record('a', 5)]);
    expect(outside).toMatchObject({ code: 'LOG.REQUEST_INVALID' });
    kafka.topic = undefined;
    const [gone] = await batcher.publish('t', [record('a')]);
    expect(gone).toMatchObject({ code: 'LOG.TOPIC_GONE' });
  });

  it('stores what it acknowledged once, at its place and in order, whatever gets lost', async () => {
    const fate = fc.constantFrom<Fate>('ok', 'ok', 'lost-before', 'lost-after', 'late', 'moved');
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 25 }), async (fates) => {
        const kafka = new FakeKafka(2);
        kafka.fates = [...fates];
        const batcher = new Batcher(kafka, kafka, hasty);
        const calls: Promise<readonly (StoredAt | LogError)[]>[] = [];
        for (let i = 0; i < 20; i += 1) {
          calls.push(batcher.publish('t', [record(`${i}`.padStart(3, '0'), i % 2)]));
          if (i % 3 === 0) await new Promise(setImmediate);
        }
        const outcomes = (await Promise.all(calls)).map(([outcome]) => outcome);
        outcomes.forEach((outcome, i) => {
          if (outcome === undefined || !isStored(outcome)) return;
          const stored = kafka.partitions[outcome.partition]?.values[outcome.offset];
          expect(stored).toBe(`${i}`.padStart(3, '0'));
        });
        for (const { values } of kafka.partitions) {
          expect(values).toEqual([...new Set(values)].sort());
        }
      }),
      { numRuns: 25 },
    );
  });
});
