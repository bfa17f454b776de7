/** Long because every way in which a transaction may end is tried on the same partition. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CommitOrder } from '../groups/commit-order.js';
import type { NewOffset } from '../groups/committed-offsets.js';
import { parseBatchHeader } from '../records/batch-header.js';
import { parseEndMarker } from '../records/control-batch.js';
import { encodeBatch } from '../records/encode-batch.js';
import { nodeFiles, type Files } from '../storage/files.js';
import { KeyValueLog } from '../storage/key-value-log.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { ProducerFenced } from '../storage/storage.errors.js';
import { StorageRuntime } from '../storage/storage-runtime.js';
import { StubbornDisk } from '../groups/testing/coordinator-fixture.js';
import { TransactionCoordinator } from './transaction-coordinator.js';

const ID = 'shop';
const PLACE = { topic: 'orders', partition: 0 };
const OFFSET: NewOffset = {
  ...PLACE,
  topicId: 'orders-1',
  offset: 5,
  leaderEpoch: -1,
  metadata: '',
  committedAt: 0,
};

describe('the transaction coordinator', () => {
  let directory: string;
  let now: number;
  let markers: string[];
  let committedOffsets: number[];
  /** What happens when a group's offsets are to be committed. */
  let commit: (group: string) => Promise<void>;
  let failures: number;
  /** What the partition's log does when a marker comes. */
  let append: () => Promise<void>;
  /** Where the partition has an open transaction of the producer. */
  let transactionStart: number;
  let nextId: number;
  /** Their ids. */
  let topics: Map<string, string>;
  const open: TransactionCoordinator[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'transactions-'));
    now = 1_000_000;
    markers = [];
    committedOffsets = [];
    commit = async () => undefined;
    failures = 0;
    nextId = 7;
    transactionStart = -1;
    topics = new Map([
      ['orders', 'orders-1'],
      ['refunds', 'refunds-1'],
    ]);
    append = async () => undefined;
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    await rm(directory, { recursive: true, force: true });
  });

  const log = {
    append: async (batch: Buffer) => {
      await append();
      markers.push(parseEndMarker(batch)!.outcome);
    },
    producer: () => ({ currentTransactionStartOffset: transactionStart }),
  } as unknown as PartitionLog;

  /** A coordinator on what is on disk, as after a start. */
  async function start({
    maxIds = 10,
    maxBytes = 1_000_000,
    files,
  }: {
    maxIds?: number;
    maxBytes?: number;
    files?: Partial<Files>;
  } = {}): Promise<TransactionCoordinator> {
    await Promise.all(open.splice(0).map((one) => one.close()));
    const kept = await KeyValueLog.open({
      directory,
      leaderEpoch: 0,
      fsync: files ? 'always' : 'never',
      runtime: new StorageRuntime({ files: { ...nodeFiles, ...files } }),
    });
    const coordinator = new TransactionCoordinator(
      kept,
      {
        now: () => now,
        newProducerId: async () => (nextId += 1),
        logOf: (topic) => (topics.has(topic) ? log : undefined),
        topicIdOf: (topic) => topics.get(topic),
        order: new CommitOrder(),
        commitOffsets: async (group, offsets) => {
          await commit(group);
          committedOffsets.push(...offsets().map(({ offset }) => offset));
        },
        settled: async () => undefined,
        offsetLog: log,
        coordinatorEpoch: 0,
        onFailure: () => (failures += 1),
      },
      { maxTimeoutMs: 900_000, idExpirationMs: 10_000_000, maxIds, maxBytes },
    );
    open.push(coordinator);
    return coordinator;
  }

  const initialise = (coordinator: TransactionCoordinator, transactionalId = ID) =>
    coordinator.initialise({
      transactionalId,
      timeoutMs: 60_000,
      producerId: -1,
      producerEpoch: -1,
    });

  /** A producer with an open transaction that has a partition and a group's offset. */
  async function begun(coordinator: TransactionCoordinator) {
    const producer = await initialise(coordinator);
    await coordinator.addPartitions(ID, producer, [PLACE]);
    await coordinator.addGroup(ID, producer, 'group');
    await coordinator.addOffsets(ID, producer, 'group', [OFFSET]);
    return producer;
  }

  const fullDisk = (): void => {
    append = async () => {
      throw new Error('no space left');
    };
  };

  it('ends what was decided once it can, and takes nothing more into it meanwhile', async () => {
    const coordinator = await start();
    const producer = await begun(coordinator);
    fullDisk();
    await coordinator.end(ID, producer, 'commit');
    expect([coordinator.get(ID)!.status, failures]).toEqual(['PrepareCommit', 1]);
    expect(coordinator.hasPendingOffset('group', 'orders', 0)).toBe(true);
    const adding = coordinator.addPartitions(ID, producer, [PLACE]);
    await expect(adding).rejects.toMatchObject({ code: 51 });
    const batch = encodeBatch([{ key: null, value: null, timestamp: 0 }], {
      ...producer,
      transactional: true,
    });
    const header = parseBatchHeader(batch, 0);
    expect(() => coordinator.requireMayWrite(header, 'orders', 0)).toThrow('was not added');
    append = async () => undefined;
    await coordinator.endOverdue();
    expect(coordinator.get(ID)!.status).toBe('CompleteCommit');
    expect([markers, committedOffsets]).toEqual([['commit'], [5]]);
    expect(coordinator.hasPendingOffset('group', 'orders', 0)).toBe(false);
  });

  it.each(['commit', 'abort'] as const)(
    'ends after a crash what had been decided: %s',
    async (as) => {
      const coordinator = await start();
      const producer = await begun(coordinator);
      fullDisk();
      await coordinator.end(ID, producer, as);
      append = async () => undefined;
      const next = await start();
      await next.recover();
      expect([markers, committedOffsets]).toEqual([[as], as === 'commit' ? [5] : []]);
      expect(next.get(ID)!.status).toBe(as === 'commit' ? 'CompleteCommit' : 'CompleteAbort');
      await next.end(ID, producer, as);
      expect(markers).toEqual([as]);
    },
  );

  it('leaves open after a crash what was not decided, with its offsets', async () => {
    const producer = await begun(await start());
    const next = await start();
    await next.recover();
    expect(next.get(ID)).toMatchObject({ status: 'Ongoing', partitions: [PLACE] });
    await next.end(ID, producer, 'commit');
    expect([markers, committedOffsets]).toEqual([['commit'], [5]]);
  });

  describe('offsets in a topic that is deleted meanwhile', () => {
    const kept: NewOffset = { ...OFFSET, topic: 'refunds', topicId: 'refunds-1', offset: 9 };

    it('are dropped where they were on their way to the disk', async () => {
      const disk = new StubbornDisk();
      const coordinator = await start({ files: disk.files });
      const producer = await begun(coordinator);
      disk.isHeld = true;
      const late = { ...OFFSET, partition: 1 };
      const adding = coordinator.addOffsets(ID, producer, 'group', [late]);
      await disk.isWaitedFor();
      topics.set('orders', 'orders-2');
      const forgetting = coordinator.forgetTopic('orders');
      disk.release();
      await Promise.all([adding, forgetting]);
      expect(coordinator.hasPendingOffset('group', 'orders', 1)).toBe(false);
      const next = await start();
      await next.end(ID, producer, 'commit');
      expect(committedOffsets).toEqual([]);
    });

    it('are dropped with their group too, also after a crash', async () => {
      const disk = new StubbornDisk();
      const coordinator = await start({ files: disk.files });
      const producer = await begun(coordinator);
      disk.isHeld = true;
      const late = { ...OFFSET, partition: 1 };
      const adding = coordinator.addOffsets(ID, producer, 'group', [late]);
      await disk.isWaitedFor();
      const forgetting = coordinator.forgetGroup('group');
      expect(coordinator.hasPendingOf('group')).toBe(false);
      disk.release();
      await Promise.all([adding, forgetting]);
      const next = await start();
      expect(next.hasPendingOf('group')).toBe(false);
      await next.end(ID, producer, 'commit');
      expect(committedOffsets).toEqual([]);
    });

    it('are dropped, also where another topic has got its name', async () => {
      const coordinator = await start();
      const producer = await begun(coordinator);
      await coordinator.addOffsets(ID, producer, 'group', [kept]);
      await coordinator.forgetTopic('orders');
      expect(coordinator.hasPendingOffset('group', 'orders', 0)).toBe(false);
      await coordinator.end(ID, producer, 'commit');
      expect(committedOffsets).toEqual([9]);
    });

    it('are dropped where the deletion comes with the end', async () => {
      const coordinator = await start();
      const producer = await begun(coordinator);
      await coordinator.addOffsets(ID, producer, 'group', [kept]);
      topics.delete('orders');
      await coordinator.end(ID, producer, 'commit');
      expect(committedOffsets).toEqual([9]);
    });

    it('are dropped where the deletion comes between a crash and the recovery', async () => {
      const coordinator = await start();
      const producer = await begun(coordinator);
      await coordinator.addOffsets(ID, producer, 'group', [kept]);
      fullDisk();
      await coordinator.end(ID, producer, 'commit');
      topics.delete('orders');
      append = async () => undefined;
      await (await start()).recover();
      expect(committedOffsets).toEqual([9]);
    });

    it('do not become pending where it is gone already', async () => {
      const coordinator = await start();
      const producer = await begun(coordinator);
      const late = { ...OFFSET, partition: 1, topicId: 'orders-0' };
      await coordinator.addOffsets(ID, producer, 'group', [late, { ...OFFSET, partition: 2 }]);
      expect([1, 2].map((n) => coordinator.hasPendingOffset('group', 'orders', n))).toEqual([
        false,
        true,
      ]);
    });

    it('stay dropped over a crash, when a topic of that name is there again', async () => {
      const coordinator = await start();
      const producer = await begun(coordinator);
      topics.delete('orders');
      const second = await start();
      await second.recover();
      topics.set('orders', 'orders-2');
      const third = await start();
      await third.recover();
      await third.end(ID, producer, 'commit');
      expect(committedOffsets).toEqual([]);
    });
  });

  it('tells of an end again only whom it has not told', async () => {
    const coordinator = await start();
    const producer = await begun(coordinator);
    await coordinator.addGroup(ID, producer, 'late');
    await coordinator.addOffsets(ID, producer, 'late', [{ ...OFFSET, offset: 9 }]);
    commit = async (group) => {
      if (group === 'late') throw new Error('no space left');
    };
    await coordinator.end(ID, producer, 'commit');
    await coordinator.endOverdue();
    expect([coordinator.get(ID)!.status, failures]).toEqual(['PrepareCommit', 2]);
    commit = async () => undefined;
    await coordinator.endOverdue();
    expect(coordinator.get(ID)!.status).toBe('CompleteCommit');
    expect([markers, committedOffsets]).toEqual([['commit'], [5, 9]]);
  });

  it('tells the rest of an end whom it can, where one of many cannot be told', async () => {
    const coordinator = await start();
    const producer = await initialise(coordinator);
    const partitions = Array.from({ length: 1_001 }, (_, n) => ({ topic: 'orders', partition: n }));
    await coordinator.addPartitions(ID, producer, partitions);
    let asked = 0;
    append = async () => {
      if ((asked += 1) === 1) throw new Error('no space left');
    };
    await coordinator.end(ID, producer, 'commit');
    expect([coordinator.get(ID)!.status, markers.length]).toEqual(['PrepareCommit', 1_000]);
    await coordinator.endOverdue();
    expect([coordinator.get(ID)!.status, markers.length]).toEqual(['CompleteCommit', 1_001]);
  });

  it.each([
    ['is over', 'ended', -1, 'CompleteCommit'],
    ['stays', 'left open', 3, 'PrepareCommit'],
  ])(
    'sees to it that a transaction %s which a later epoch has %s on a partition',
    async (_is, _what, at, status) => {
      const coordinator = await start();
      const producer = await begun(coordinator);
      transactionStart = at;
      append = async () => {
        throw new ProducerFenced('a later epoch');
      };
      await coordinator.end(ID, producer, 'commit');
      expect(coordinator.get(ID)!.status).toBe(status);
    },
  );

  it('commits nothing of a group that is deleted while it tells another', async () => {
    const coordinator = await start();
    const producer = await begun(coordinator);
    await coordinator.addGroup(ID, producer, 'late');
    await coordinator.addOffsets(ID, producer, 'late', [{ ...OFFSET, offset: 9 }]);
    commit = async (group) => {
      if (group === 'group') await coordinator.forgetGroup('late');
    };
    await coordinator.end(ID, producer, 'commit');
    expect(committedOffsets).toEqual([5]);
  });

  it.each([
    ['a group', (coordinator: TransactionCoordinator) => coordinator.forgetGroup('group')],
    [
      'offsets',
      (coordinator: TransactionCoordinator) => coordinator.forgetOffsets('group', [PLACE]),
    ],
  ])(
    'says that the disk has not heard of the end of %s, and has it hear',
    async (_what, forget) => {
      const disk = new StubbornDisk();
      const coordinator = await start({ files: disk.files });
      const producer = await begun(coordinator);
      disk.isFull = true;
      for (const _ of [1, 2]) await expect(forget(coordinator)).rejects.toThrow('written');
      expect(coordinator.hasPendingOf('group')).toBe(false);
      disk.isFull = false;
      await forget(coordinator);
      const next = await start();
      await next.end(ID, producer, 'commit');
      expect(committedOffsets).toEqual([]);
    },
  );

  describe('an offset on its way to the disk', () => {
    it('is pending already, and not any more where the disk does not take it', async () => {
      const disk = new StubbornDisk();
      const coordinator = await start({ files: disk.files });
      const producer = await begun(coordinator);
      disk.isHeld = true;
      const adding = coordinator.addOffsets(ID, producer, 'group', [{ ...OFFSET, partition: 1 }]);
      await disk.isWaitedFor();
      expect(coordinator.hasPendingOffset('group', 'orders', 1)).toBe(true);
      disk.release();
      await adding;
      disk.isFull = true;
      const more = [0, 2].map((partition) => ({ ...OFFSET, partition, offset: 6 }));
      await expect(coordinator.addOffsets(ID, producer, 'group', more)).rejects.toThrow('written');
      disk.isFull = false;
      expect([0, 1, 2].map((n) => coordinator.hasPendingOffset('group', 'orders', n))).toEqual([
        true,
        true,
        false,
      ]);
      await coordinator.end(ID, producer, 'commit');
      expect(committedOffsets).toEqual([5, 5]);
    });

    it('is let in in the turn in which it becomes pending', async () => {
      const coordinator = await start();
      const producer = await begun(coordinator);
      let mayJoin = true;
      const admit = (): void => {
        if (!mayJoin) throw new Error('no member any more');
      };
      const first = coordinator.addPartitions(ID, producer, [{ ...PLACE, partition: 1 }]);
      const late = [{ ...OFFSET, partition: 1 }];
      const adding = coordinator.addOffsets(ID, producer, 'group', late, admit);
      mayJoin = false;
      await expect(adding).rejects.toThrow('no member');
      await first;
      expect(coordinator.hasPendingOffset('group', 'orders', 1)).toBe(false);
    });
  });

  it('bounds what it keeps, but ends what is there', async () => {
    const coordinator = await start({ maxBytes: 10_000 });
    const producer = await begun(coordinator);
    const many = Array.from({ length: 100 }, (_, partition) => ({ ...OFFSET, partition }));
    const adding = coordinator.addOffsets(ID, producer, 'group', many);
    await expect(adding).rejects.toMatchObject({ kafkaCode: 44 });
    const places = Array.from({ length: 1_000 }, (_, partition) => ({
      topic: 'orders',
      partition,
    }));
    const extending = coordinator.addPartitions(ID, producer, places);
    await expect(extending).rejects.toMatchObject({ kafkaCode: 44 });
    await coordinator.end(ID, producer, 'commit');
    expect([markers, committedOffsets]).toEqual([['commit'], [5]]);
  });

  it('keeps nothing of ids that it refuses', async () => {
    const coordinator = await start({ maxIds: 1 });
    await initialise(coordinator, 'one');
    await expect(initialise(coordinator, 'two')).rejects.toMatchObject({ code: 44 });
    expect(coordinator.inTurns).toBe(0);
  });

  it('fences a producer whose transaction takes too long, and not before', async () => {
    const coordinator = await start();
    const producer = await begun(coordinator);
    now += 60_000;
    await coordinator.endOverdue();
    expect(markers).toEqual([]);
    now += 1;
    await coordinator.endOverdue();
    expect(markers).toEqual(['abort']);
    await expect(coordinator.end(ID, producer, 'commit')).rejects.toMatchObject({ code: 90 });
    expect(committedOffsets).toEqual([]);
  });

  it('gives the answer of a bump again to who did not hear it, and to nobody else', async () => {
    const coordinator = await start();
    const { producerId, producerEpoch } = await initialise(coordinator);
    const ask = (epoch: number) =>
      coordinator.initialise({
        transactionalId: ID,
        timeoutMs: 60_000,
        producerId,
        producerEpoch: epoch,
      });
    const bumped = await ask(producerEpoch);
    expect(bumped).toMatchObject({ producerId, producerEpoch: producerEpoch + 1 });
    expect(await ask(producerEpoch)).toMatchObject({ producerEpoch: producerEpoch + 1 });
    await expect(ask(producerEpoch + 7)).rejects.toMatchObject({ code: 90 });
  });

  it('fences who asks late for the bump that another instance got', async () => {
    const coordinator = await start();
    const former = await initialise(coordinator);
    const successor = await initialise(coordinator);
    const ask = () => coordinator.initialise({ transactionalId: ID, timeoutMs: 60_000, ...former });
    await expect(ask()).rejects.toMatchObject({ code: 90 });
    await coordinator.addPartitions(ID, successor, [PLACE]);
    await expect(ask()).rejects.toMatchObject({ code: 90 });
    await coordinator.end(ID, successor, 'commit');
    expect(markers).toEqual(['commit']);
  });

  it('gives a producer the bump that ended its transaction, once it has ended', async () => {
    const former = await begun(await start());
    const ask = (coordinator: TransactionCoordinator) =>
      coordinator.initialise({ transactionalId: ID, timeoutMs: 60_000, ...former });
    const coordinator = await start();
    fullDisk();
    for (const _ of [1, 2]) {
      await expect(ask(coordinator)).rejects.toMatchObject({ code: 51 });
    }
    append = async () => undefined;
    const next = await start();
    await next.recover();
    const { producerId } = former;
    const producerEpoch = former.producerEpoch + 1;
    for (const _ of [1, 2]) {
      expect(await ask(next)).toMatchObject({ producerId, producerEpoch, status: 'Empty' });
    }
    expect(markers).toEqual(['abort']);
    await initialise(next);
    await expect(ask(next)).rejects.toMatchObject({ code: 90 });
  });

  it('fences who left a transaction that is aborted for another one, before that is let in', async () => {
    const coordinator = await start();
    const former = await begun(coordinator);
    fullDisk();
    await expect(initialise(coordinator)).rejects.toMatchObject({ code: 51 });
    append = async () => undefined;
    await coordinator.endOverdue();
    const asking = coordinator.initialise({ transactionalId: ID, timeoutMs: 60_000, ...former });
    await expect(asking).rejects.toMatchObject({ code: 90 });
  });

  it('fences who asks again for a bump with which a transaction has begun', async () => {
    const coordinator = await start();
    const former = await initialise(coordinator);
    const ask = () => coordinator.initialise({ transactionalId: ID, timeoutMs: 60_000, ...former });
    const bumped = await ask();
    await coordinator.addPartitions(ID, bumped, [PLACE]);
    await expect(ask()).rejects.toMatchObject({ code: 90 });
    expect(markers).toEqual([]);
  });

  it('gives another producer id when epochs are used up', async () => {
    const coordinator = await start();
    let producer = await initialise(coordinator);
    const { producerId } = producer;
    for (let epoch = 1; epoch <= 0x7ffe; epoch += 1) producer = await initialise(coordinator);
    expect(producer).toMatchObject({ producerId, producerEpoch: 0x7ffe });
    const named = { transactionalId: ID, timeoutMs: 60_000, ...producer };
    for (const _ of [1, 2]) {
      producer = await coordinator.initialise(named);
      expect(producer).toMatchObject({ producerId: producerId + 1, producerEpoch: 0 });
    }
    expect((await initialise(coordinator)).producerEpoch).toBe(1);
    await expect(coordinator.initialise(named)).rejects.toMatchObject({ code: 90 });
  }, 120_000);

  it('gives another producer id to who has used up its epochs and left a transaction', async () => {
    const coordinator = await start();
    let producer = await initialise(coordinator);
    for (let epoch = 1; epoch <= 0x7ffe; epoch += 1) producer = await initialise(coordinator);
    await coordinator.addPartitions(ID, producer, [PLACE]);
    const named = { transactionalId: ID, timeoutMs: 60_000, ...producer };
    fullDisk();
    await expect(coordinator.initialise(named)).rejects.toMatchObject({ code: 51 });
    append = async () => undefined;
    for (const _ of [1, 2]) {
      const next = await coordinator.initialise(named);
      expect(next).toMatchObject({ producerId: producer.producerId + 1, producerEpoch: 0 });
    }
    await initialise(coordinator);
    await expect(coordinator.initialise(named)).rejects.toMatchObject({ code: 90 });
  }, 120_000);

  it('forgets ids that nobody has used for long, and bounds their number', async () => {
    const coordinator = await start({ maxIds: 2 });
    await initialise(coordinator, 'one');
    await initialise(coordinator, 'two');
    await expect(initialise(coordinator, 'three')).rejects.toMatchObject({ code: 44 });
    now += 10_000_001;
    await coordinator.clean();
    expect(coordinator.all()).toEqual([]);
    await initialise(coordinator, 'three');
    expect((await start()).all()).toMatchObject([{ transactionalId: 'three', status: 'Empty' }]);
  });
});
