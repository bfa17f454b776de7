import { unique } from '../conformance/support/names.js';
import { eventually } from '../support/eventually.js';
import { RdAdmin } from './support/rd-admin.js';
import { nextOffsets, RdConsumer } from './support/rd-consumer.js';
import { RdProducer } from './support/rd-producer.js';

let admin: RdAdmin;

beforeAll(() => {
  admin = new RdAdmin();
});
afterAll(() => admin.close());

/** Waits until each of so many partitions has one owner, and each member has some. */
async function untilBalanced(members: readonly RdConsumer[], partitions: number): Promise<void> {
  await eventually(
    () => members.map(({ assignment }) => assignment),
    (assignments) => {
      const owned = assignments.flat();
      const fair = Math.floor(partitions / members.length);
      return (
        owned.length === partitions &&
        new Set(owned).size === partitions &&
        assignments.every(({ length }) => length >= fair)
      );
    },
  );
}

describe('librdkafka group', () => {
  it.each(['range', 'roundrobin', 'cooperative-sticky'])(
    'loses nothing and reads nothing twice as members join and leave: %s',
    async (assignor) => {
      const topic = await admin.newTopic(6);
      const config = { 'group.id': unique('group'), 'partition.assignment.strategy': assignor };
      const join = async (): Promise<RdConsumer> => {
        const member = await RdConsumer.open(config);
        return member.subscribe(topic).start({ commit: true });
      };
      const producer = await RdProducer.open({ 'enable.idempotence': true });
      let sent = 0;
      const send = async (): Promise<void> => {
        for (const until = sent + 300; sent < until; sent++) {
          producer.produce(topic, { value: `${sent}`, partition: sent % 6 });
        }
        await producer.flush();
      };
      const first = await join();
      await send();
      await untilBalanced([first], 6);
      const [second, third] = [await join(), await join()];
      await send();
      await untilBalanced([first, second, third], 6);
      await send();
      await second.close();
      await send();
      await first.close();
      await send();
      await untilBalanced([third], 6);
      const members = [first, second, third];
      await eventually(
        () => members.reduce((sum, { messages }) => sum + messages.length, 0),
        (total) => total >= sent,
      );
      await third.close();
      await producer.close();
      const values = members.flatMap((member) => member.values).map(Number);
      expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, i) => i));
    },
  );

  it('goes on where it committed', async () => {
    const topic = await admin.newTopic();
    const config = { 'group.id': unique('group') };
    const producer = await RdProducer.open();
    for (const part of [
      ['1', '2'],
      ['3', '4'],
    ]) {
      await producer.send(topic, ...part);
      const member = (await RdConsumer.open(config)).subscribe(topic).start({ commit: true });
      await eventually(
        () => member.messages.length,
        (length) => length >= 2,
      );
      await member.close();
      expect(member.values).toEqual(part);
    }
    await producer.close();
  });

  it('gives a static member its partitions back', async () => {
    const topic = await admin.newTopic(4);
    const config = { 'group.id': unique('group'), 'session.timeout.ms': 30_000 };
    const open = async (instance: string): Promise<RdConsumer> => {
      const member = await RdConsumer.open({ ...config, 'group.instance.id': instance });
      return member.subscribe(topic).start({ commit: true });
    };
    const staying = await open('staying');
    const bouncing = await open('bouncing');
    await untilBalanced([staying, bouncing], 4);
    const [before, others] = [bouncing.assignment, staying.assignment];
    await bouncing.close();
    const back = await open('bouncing');
    await untilBalanced([staying, back], 4);
    expect([...back.assignment].sort()).toEqual([...before].sort());
    expect([...staying.assignment].sort()).toEqual([...others].sort());
    await back.close();
    await staying.close();
  });
});

describe('librdkafka transactions', () => {
  const read = async (topic: string, count: number, level: string): Promise<readonly string[]> => {
    const consumer = await RdConsumer.open({ 'isolation.level': level });
    consumer.assign({ topic, partition: 0, offset: 0 }).start();
    await eventually(
      () => consumer.messages.length,
      (length) => length >= count,
    );
    await consumer.close();
    return consumer.values;
  };

  const transactional = async (id = unique('transactional')): Promise<RdProducer> => {
    const producer = await RdProducer.open({ 'transactional.id': id });
    await producer.init();
    return producer;
  };

  it('show what was committed only', async () => {
    const topic = await admin.newTopic();
    const producer = await transactional();
    for (const end of ['abort', 'commit', 'abort', 'commit'] as const) {
      await producer.begin();
      await producer.send(topic, `${end} 1`, `${end} 2`);
      await producer[end]();
    }
    await producer.close();
    const committed = ['commit 1', 'commit 2'];
    const aborted = ['abort 1', 'abort 2'];
    expect(await read(topic, 4, 'read_committed')).toEqual([...committed, ...committed]);
    expect(await read(topic, 8, 'read_uncommitted')).toEqual([
      ...aborted,
      ...committed,
      ...aborted,
      ...committed,
    ]);
  });

  it('commit offsets of a group with what was made of the records, or neither', async () => {
    const [input, output] = [await admin.newTopic(), await admin.newTopic()];
    const plain = await RdProducer.open();
    await plain.send(input, '1', '2');
    const config = { 'group.id': unique('group') };
    const producer = await transactional();
    const process = async (count: number, end: 'commit' | 'abort'): Promise<readonly string[]> => {
      const consumer = (await RdConsumer.open(config)).subscribe(input).start();
      await eventually(
        () => consumer.messages.length,
        (length) => length >= count,
      );
      await consumer.stop();
      await producer.begin();
      await producer.send(output, ...consumer.values.map((value) => `${value} ${end}`));
      await producer.sendOffsets(nextOffsets(consumer.messages), consumer);
      await producer[end]();
      await consumer.close();
      return consumer.values;
    };
    expect(await process(2, 'abort')).toEqual(['1', '2']);
    expect(await process(2, 'commit')).toEqual(['1', '2']);
    await plain.send(input, '3');
    expect(await process(1, 'commit')).toEqual(['3']);
    expect(await read(output, 3, 'read_committed')).toEqual(['1 commit', '2 commit', '3 commit']);
    await Promise.all([plain.close(), producer.close()]);
  });

  it('fence a former producer of the id', async () => {
    const topic = await admin.newTopic();
    const id = unique('transactional');
    const zombie = await transactional(id);
    await zombie.begin();
    await zombie.send(topic, 'of the zombie');
    const successor = await transactional(id);
    await expect(zombie.commit()).rejects.toMatchObject({
      // ERR__FENCED
      code: -144,
    });
    await successor.begin();
    await successor.send(topic, 'of the successor');
    await successor.commit();
    expect(await read(topic, 1, 'read_committed')).toEqual(['of the successor']);
    await Promise.all([zombie.close(), successor.close()]);
  });
});
