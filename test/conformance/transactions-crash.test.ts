import { batchesIn } from '../../src/kafka/broker/records/batches.js';
import { isControl } from '../../src/kafka/broker/records/batch-header.js';
import { recordsOf } from '../../src/kafka/broker/records/records.js';
import { fetchAll } from './support/batches.js';
import { isForeign } from './support/broker-under-test.js';
import { committed } from './support/groups.js';
import { KilledBroker } from './support/killed-broker.js';
import { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';
import { TransactionalProducer } from './support/transactional-producer.js';

// What is killed here is the embedded broker; there is nothing to do against another one.
const embedded = isForeign ? describe.skip : describe;
const KILLS = 3;
const BETWEEN_KILLS = 30;

const killed = new KilledBroker();

const start = async (): Promise<RawClient> => {
  const { port } = await killed.start('--fsync', 'always');
  return RawClient.open({ host: '127.0.0.1', port });
};

/** What who reads committed records sees of a partition: aborted ones are left out, as clients do. */
async function committedValues(client: RawClient, topic: string, partition: number) {
  const options = { isolationLevel: 1, partitions: [partition], partitionMaxBytes: 50_000_000 };
  const [answer] = await fetchAll(client, topic, options);
  expect(answer!.lastStableOffset).toBe(answer!.highWatermark);
  const aborted = [...(answer!.abortedTransactions ?? [])].sort(
    (one, other) => one.firstOffset - other.firstOffset,
  );
  const values: string[] = [];
  const aborting = new Set<number>();
  for (const { header, bytes } of batchesIn(Buffer.concat(answer!.records ?? []))) {
    while ((aborted[0]?.firstOffset ?? Infinity) <= header.lastOffset) {
      aborting.add(aborted.shift()!.producerId);
    }
    if (isControl(header)) aborting.delete(header.producerId);
    else if (!aborting.has(header.producerId)) {
      values.push(...[...recordsOf(bytes)].map(({ value }) => String(value)));
    }
  }
  return values;
}

/** Transactions over two partitions and a group's offset, one in four aborted, until it dies. */
async function work(
  client: RawClient,
  topic: string,
  from: number,
  ended: { readonly commits: number[]; readonly aborts: number[] },
): Promise<number> {
  let number = from;
  try {
    const producer = await new TransactionalProducer(client, 'the-one').initialise();
    for (; ; number += 1) {
      await producer.addPartitions(topic, [0, 1]);
      await producer.send(topic, String(number));
      await producer.sendTo(topic, 1, String(number));
      await producer.addOffsets('group');
      await producer.commitOffset('group', topic, number);
      const commits = number % 4 !== 0;
      if (number === from + BETWEEN_KILLS) void killed.running.kill();
      if ((await producer.end(commits)) === 0) {
        (commits ? ended.commits : ended.aborts).push(number);
      }
    }
  } catch {
    return number + 1;
  }
}

embedded('kill -9 in the midst of transactions', () => {
  it('leaves each whole in all that it touched, or not there at all', async () => {
    const ended = { commits: [] as number[], aborts: [] as number[] };
    let client = await start();
    const topic = await createTopic(client, { partitions: 2 });
    let next = 1;
    for (let kill = 0; kill < KILLS; kill += 1) {
      next = await work(client, topic, next, ended);
      client.close();
      client = await start();
    }
    // Whoever comes next ends what was left open.
    await new TransactionalProducer(client, 'the-one').initialise();
    const [first, second] = [
      await committedValues(client, topic, 0),
      await committedValues(client, topic, 1),
    ];
    expect(first).toEqual(second);
    expect(first).toEqual(expect.arrayContaining(ended.commits.map(String)));
    for (const aborted of ended.aborts) expect(first).not.toContain(String(aborted));
    expect(new Set(first).size).toBe(first.length);
    expect(first.length - ended.commits.length).toBeLessThanOrEqual(KILLS);
    expect(ended.commits.length).toBeGreaterThan(KILLS * 15);
    expect(await committed(client, 'group', topic)).toBe(Math.max(...first.map(Number)));
    client.close();
  }, 120_000);
});
