import type { EventLog } from '../../kafka/log/event-log.js';
import { LogUnavailable } from '../../kafka/log/log.errors.js';
import type {
  CheckpointStore,
  ClaimedPartition,
  LaneRow,
  PartitionCheckpoint,
  PartitionName,
} from '../core/checkpoint.js';
import { claimPartitions, type ClaimServices } from './claim-partitions.js';

const row = (subscriptionUid: string, fromOffset: number | null): LaneRow => ({
  subscriptionUid,
  fromOffset,
  reason: fromOffset === null ? null : 'full',
  haltedAt: null,
  filterRevision: 1,
});

/** A topic of 40 partitions of which some have no leader, some tell no epoch; and one that is gone. */
function setUp(lanes: readonly LaneRow[] = []) {
  const written: PartitionCheckpoint[] = [];
  const groups: number[] = [];
  const committed: number[] = [];
  const told = (partitions: readonly number[], offset: number) =>
    new Map(partitions.filter((one) => one !== 3).map((one) => [one, offset]));
  const admin = {
    describeTopic: async (name: string) => {
      if (name === 'forbidden') throw new LogUnavailable('not allowed');
      return name === 'orders' ? { name, id: 'k', partitions: [] } : undefined;
    },
    knownOffsets: async (_topic: string, at: string, partitions: readonly number[]) =>
      told(partitions, at === 'earliest' ? 0 : 500),
    epochEnd: async (_topic: string, partition: number) => {
      if (partition === 5) throw new LogUnavailable('no leader');
      return undefined;
    },
  };
  const store = {
    claim: async (names: readonly PartitionName[]): Promise<readonly ClaimedPartition[]> => {
      groups.push(names.length);
      const stored = { topicId: 'k', floor: 200, leaderEpoch: 1 };
      return names.map((name) => ({
        ...name,
        ownerEpoch: 7,
        stored,
        lanes,
        exceptions: [],
        counts: new Map(),
      }));
    },
    write: async (checkpoints: readonly PartitionCheckpoint[]) => {
      written.push(...checkpoints);
      return [];
    },
  };
  const services: ClaimServices = {
    eventLog: { admin } as unknown as EventLog,
    store: store as unknown as CheckpointStore,
    commit: async (offsets) => {
      committed.push(...offsets.map(({ partition }) => partition));
    },
    knows: (uid) => uid === 'known',
  };
  const claim = async (names: readonly PartitionName[]): Promise<readonly number[]> => {
    const claimed: number[] = [];
    await claimPartitions(services, names, ({ name }) => claimed.push(name.partition));
    return claimed;
  };
  return { claim, written, groups, committed };
}

const orders = (count: number): readonly PartitionName[] =>
  Array.from({ length: count }, (_, partition) => ({ topic: 'orders', partition }));

describe('claiming partitions', () => {
  it('leaves out those of which Kafka cannot tell now, and takes the others', async () => {
    const { claim, written, committed } = setUp();
    const names = [...orders(8), { topic: 'gone', partition: 0 }];
    const sound = [0, 1, 2, 4, 6, 7];
    expect(await claim([...names, { topic: 'forbidden', partition: 0 }])).toEqual(sound);
    expect(committed).toEqual(sound);
    expect(written.map(({ partition }) => partition)).toEqual(sound);
  });

  it('fails when Kafka tells of no topic at all', async () => {
    await expect(setUp().claim([{ topic: 'forbidden', partition: 0 }])).rejects.toThrow(
      'not allowed',
    );
  });

  it('takes them in groups', async () => {
    const { claim, groups } = setUp();
    expect(await claim(orders(40))).toHaveLength(38);
    expect(groups).toEqual([16, 16, 8]);
  });

  it('writes down where those stand of which this process has not heard', async () => {
    const lanes = [row('known', null), row('behind', 20), row('unheard-of', null)];
    const { claim, written } = setUp(lanes);
    await claim(orders(1));
    expect(written[0]!.lanes).toEqual([
      row('known', null),
      row('behind', 20),
      { ...row('unheard-of', 200), reason: 'start' },
    ]);
  });
});
