import type { DataSource, EntityManager } from 'typeorm';

import { groupBy } from '../../common/group-by.js';
import {
  nameOf,
  type CheckpointStore,
  type ClaimedPartition,
  type CountedOnce,
  type ExceptionName,
  type KeptRecord,
  type PartitionCheckpoint,
  type PartitionName,
  type StoredException,
} from '../core/checkpoint.js';
import { keepSubscriptions } from './deleted-subscriptions.js';
import { countAll, countOf } from './exception-counts.js';
import { endExceptions, shiftRetries } from './exception-ends.js';
import { takeExceptions, takeRedriven } from './exception-rows.js';
import { storeExceptions } from './exception-writes.js';
import { raiseEpochs, storeFloors, type StoredBefore } from './floors.js';
import { joinGaps } from './gaps.js';
import { keptRecords } from './kept-records.js';
import { lanesOf, storeLanes } from './lanes.js';
import { stepOperations } from './operation-steps.js';
import { retireLost } from './retire.js';

/**
 * Checkpoints in the schema of a module. Transactions of several partitions cannot lock each other
 * out: all wait first for a subscription that is being forgotten, then for floors in the order of
 * their names, then for rows that only a partition's owner, or the holder of its floor, waits for.
 */
export class PostgresCheckpointStore implements CheckpointStore {
  /** Epochs of this store's own claims: under them it may take what was made `redrive`. */
  private readonly epochs = new Map<string, number>();
  /** The last answer about redriven exceptions was lost, and perhaps there was one. */
  private answerLost = false;

  constructor(private readonly dataSource: DataSource) {}

  async claim(partitions: readonly PartitionName[]): Promise<readonly ClaimedPartition[]> {
    if (partitions.length === 0) return [];
    const claimed = await this.dataSource.transaction((manager) => claimAll(manager, partitions));
    for (const partition of claimed) this.remember(partition);
    return claimed;
  }

  /**
   * One transaction; where only floors moved, one statement. Shifts apply to what was stored before.
   * Writing again what may have been stored changes nothing.
   */
  async write(checkpoints: readonly PartitionCheckpoint[]): Promise<readonly PartitionName[]> {
    if (checkpoints.length === 0) return [];
    const stored = checkpoints.every(movesOnlyTheFloor)
      ? await storeFloors(this.dataSource.manager, checkpoints)
      : await this.dataSource.transaction((manager) => writeAll(manager, checkpoints));
    return checkpoints
      .filter((checkpoint) => !stored.has(nameOf(checkpoint)))
      .map(({ topic, partition }) => ({ topic, partition }));
  }

  async records(
    { partition }: PartitionName,
    names: readonly ExceptionName[],
  ): Promise<readonly (KeptRecord | undefined)[]> {
    return names.length === 0 ? [] : keptRecords(this.dataSource.manager, partition, names);
  }

  /**
   * Nothing comes from partitions that another store has claimed since. After a call that failed,
   * what was taken before and is `redrive` still comes again.
   */
  async takeRedriven(partitions: readonly PartitionName[]): Promise<readonly StoredException[]> {
    const owned = partitions.flatMap((partition) => {
      const ownerEpoch = this.epochs.get(nameOf(partition));
      return ownerEpoch === undefined ? [] : [{ ...partition, ownerEpoch }];
    });
    if (owned.length === 0) return [];
    const again = this.answerLost;
    this.answerLost = true;
    const taken = await takeRedriven(this.dataSource.manager, owned, again);
    this.answerLost = false;
    return taken;
  }

  async counts(
    subscriptionUids: readonly string[],
    partitions: readonly PartitionName[],
  ): Promise<readonly (readonly number[])[]> {
    return countOf(this.dataSource.manager, subscriptionUids, partitions);
  }

  private remember(partition: ClaimedPartition): void {
    const key = nameOf(partition);
    this.epochs.set(key, Math.max(this.epochs.get(key) ?? 0, partition.ownerEpoch));
  }
}

const movesOnlyTheFloor = (checkpoint: PartitionCheckpoint): boolean =>
  checkpoint.retire === null &&
  [
    checkpoint.lanes,
    checkpoint.writes,
    checkpoint.ends,
    checkpoint.shifts,
    checkpoint.gaps,
    checkpoint.operations,
  ].every((list) => list.length === 0);

async function writeAll(
  manager: EntityManager,
  checkpoints: readonly PartitionCheckpoint[],
): Promise<StoredBefore> {
  await keepSubscriptions(manager);
  const stored = await storeFloors(manager, checkpoints);
  const held = checkpoints.flatMap((checkpoint) => {
    const before = stored.get(nameOf(checkpoint));
    return before === undefined ? [] : [onlyUncounted(checkpoint, before)];
  });
  await retireLost(manager, held);
  await storeLanes(manager, held);
  await joinGaps(manager, held);
  await shiftRetries(manager, held);
  await storeExceptions(manager, held);
  await endExceptions(manager, held);
  await stepOperations(manager, held);
  return stored;
}

/** Without what was counted by the checkpoint that is stored, or an earlier one. */
function onlyUncounted(checkpoint: PartitionCheckpoint, before: number): PartitionCheckpoint {
  const isNew = ({ since }: CountedOnce): boolean => since > before;
  const { shifts, operations } = checkpoint;
  return { ...checkpoint, shifts: shifts.filter(isNew), operations: operations.filter(isNew) };
}

async function claimAll(
  manager: EntityManager,
  partitions: readonly PartitionName[],
): Promise<readonly ClaimedPartition[]> {
  const raised = await raiseEpochs(manager, partitions);
  const lanes = groupBy(await lanesOf(manager, partitions), nameOf);
  const exceptions = groupBy(await takeExceptions(manager, partitions), nameOf);
  const counts = groupBy(await countAll(manager, partitions), nameOf);
  return raised.map((epoch) => ({
    ...epoch,
    lanes: (lanes.get(nameOf(epoch)) ?? []).map(({ lane }) => lane),
    exceptions: exceptions.get(nameOf(epoch)) ?? [],
    counts: new Map(
      (counts.get(nameOf(epoch)) ?? []).map(({ subscriptionUid, count }) => [
        subscriptionUid,
        count,
      ]),
    ),
  }));
}
