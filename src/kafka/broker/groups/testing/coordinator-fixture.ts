import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { nodeFiles, type Files } from '../../storage/files.js';
import { KeyValueLog } from '../../storage/key-value-log.js';
import { StorageRuntime } from '../../storage/storage-runtime.js';
import { CommitOrder } from '../commit-order.js';
import type { NewOffset } from '../committed-offsets.js';
import type { GroupCoordinatorOptions } from '../group-coordinator-options.js';
import { GroupCoordinator } from '../group-coordinator.js';
import type { JoinResult } from '../messages.js';
import { ManualTimers } from './group-fixture.js';

/** Of the topic that is there first. */
export const OFFSET: NewOffset = {
  topic: 't',
  topicId: 'first',
  partition: 0,
  offset: 1,
  leaderEpoch: -1,
  metadata: '',
  committedAt: 0,
};

/** A disk that refuses writes, or keeps who waits for it waiting, while it is told to. */
export class StubbornDisk {
  isFull = false;
  isHeld = false;
  private waiting: (() => void)[] = [];

  readonly files: Partial<Files> = {
    write: (fd, bytes, at) => {
      if (this.isFull) throw new Error('no space left on device');
      nodeFiles.write(fd, bytes, at);
    },
    sync: () =>
      this.isHeld ? new Promise((resolve) => void this.waiting.push(resolve)) : Promise.resolve(),
  };

  /** Until somebody waits. */
  async isWaitedFor(): Promise<void> {
    while (this.waiting.length === 0) await setImmediate();
  }

  release(): void {
    this.isHeld = false;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** Coordinators on one directory, one after the other as after restarts. */
export class CoordinatorFixture {
  readonly timers = new ManualTimers();
  readonly failures: unknown[] = [];
  /** Ids of the topics that there are. */
  readonly topicIds = new Map([['t', 'first']]);
  pendingGroups: readonly string[] = [];
  log!: KeyValueLog;
  /** Of the coordinator that was started last. */
  order!: CommitOrder;

  private constructor(private readonly directory: string) {}

  static async make(): Promise<CoordinatorFixture> {
    return new CoordinatorFixture(await mkdtemp(join(tmpdir(), 'group-coordinator-')));
  }

  async start(
    files: Partial<Files> = {},
    options: Partial<GroupCoordinatorOptions> = {},
  ): Promise<GroupCoordinator> {
    this.log = await KeyValueLog.open({
      directory: this.directory,
      leaderEpoch: 0,
      fsync: 'always',
      runtime: new StorageRuntime({ files: { ...nodeFiles, ...files } }),
    });
    this.order = new CommitOrder();
    return new GroupCoordinator(this.log, {
      timers: this.timers,
      initialRebalanceDelayMs: 0,
      minSessionTimeoutMs: 1,
      maxSessionTimeoutMs: 60_000,
      offsetsRetentionMs: 60_000,
      maxGroups: 3,
      maxMembers: 2,
      maxBytes: 20_000,
      maxOffsetBytes: 4_000,
      order: this.order,
      topicIdOf: (name) => this.topicIds.get(name),
      hasPending: (group) => this.pendingGroups.includes(group),
      forgetPendingOf: async () => undefined,
      forgetPending: async () => undefined,
      onFailure: (error) => this.failures.push(error),
      ...options,
    });
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

/** A member brings the assignments, or fetches its own. */
export const syncIn = (
  coordinator: GroupCoordinator,
  groupId: string,
  { memberId, generation }: JoinResult,
  assignments: ReadonlyMap<string, Buffer> = new Map<string, Buffer>(),
  instanceId: string | null = null,
) =>
  coordinator.sync(groupId, {
    memberId,
    instanceId,
    generation,
    protocolType: null,
    protocol: null,
    assignments,
  });
