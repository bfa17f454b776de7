import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErrorCode } from '../protocol/error-codes.js';
import { nodeFiles, type Files } from '../storage/files.js';
import { KeyValueLog } from '../storage/key-value-log.js';
import { StorageRuntime } from '../storage/storage-runtime.js';
import { GroupCoordinator } from './group-coordinator.js';
import type { JoinResult } from './messages.js';
import { JOIN, ManualTimers } from './testing/group-fixture.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'group-coordinator-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const ANYONE = { memberId: '', instanceId: null, generation: -1 };
const OFFSET = {
  topic: 't',
  partition: 0,
  offset: 1,
  leaderEpoch: -1,
  metadata: '',
  committedAt: 0,
};

async function setUp(files: Partial<Files> = {}) {
  const log = await KeyValueLog.open({
    directory,
    leaderEpoch: 0,
    fsync: 'always',
    runtime: new StorageRuntime({ files: { ...nodeFiles, ...files } }),
  });
  const failures: unknown[] = [];
  const coordinator = new GroupCoordinator(log, {
    timers: new ManualTimers(),
    initialRebalanceDelayMs: 0,
    minSessionTimeoutMs: 1,
    maxSessionTimeoutMs: 60_000,
    offsetsRetentionMs: 60_000,
    maxGroups: 3,
    maxMembers: 2,
    maxBytes: 20_000,
    maxOffsetBytes: 4_000,
    onFailure: (error) => failures.push(error),
  });
  const sync = (groupId: string, joined: JoinResult) =>
    coordinator.sync(groupId, {
      memberId: joined.memberId,
      instanceId: null,
      generation: joined.generation,
      protocolType: null,
      protocol: null,
      assignments: new Map(),
    });
  return { coordinator, sync, failures };
}

describe('the group coordinator', () => {
  it('gives an assignment only when the generation is on the disk', async () => {
    const waiting: (() => void)[] = [];
    const sync = (): Promise<void> => new Promise((resolve) => void waiting.push(resolve));
    const group = await setUp({ sync });
    let isAnswered = false;
    const joined = await group.coordinator.join('g', JOIN);
    const answer = group.sync('g', joined).finally(() => (isAnswered = true));
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    waiting.shift()!();
    expect((await answer).error).toBe(ErrorCode.NONE);
  });

  it('refuses an assignment that the disk did not take', async () => {
    const group = await setUp({ sync: () => Promise.reject(new Error('EIO')) });
    const joined = await group.coordinator.join('g', JOIN);
    expect((await group.sync('g', joined)).error).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(group.failures).toHaveLength(1);
  });

  it('refuses more groups and members than it is told, and forgets those that are not used', async () => {
    const { coordinator } = await setUp();
    const noProtocol = { ...JOIN, protocols: [] };
    for (const id of ['a', 'b', 'c']) await coordinator.join(id, noProtocol);
    expect((await coordinator.join('d', JOIN)).error).toBe(ErrorCode.POLICY_VIOLATION);
    expect(coordinator.commitError('d', ANYONE)).toBe(ErrorCode.POLICY_VIOLATION);
    await coordinator.clean();
    expect((await coordinator.join('d', JOIN)).error).toBe(ErrorCode.NONE);
    expect(coordinator.commitError('e', ANYONE)).toBe(ErrorCode.NONE);
    await coordinator.commit('e', [OFFSET]);
    await coordinator.clean();
    expect(coordinator.all().map(({ id }) => id)).toEqual(['d', 'e']);
    void coordinator.join('d', JOIN);
    expect((await coordinator.join('d', JOIN)).error).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED);
  });

  it('has the memory of members again that left, were updated or replaced', async () => {
    const { coordinator, sync } = await setUp();
    const large = { protocols: [{ name: 'range', metadata: Buffer.alloc(8_000) }] };
    for (let round = 0; round < 20; round++) {
      const joined = await coordinator.join('g', { ...JOIN, ...large, instanceId: 'static' });
      expect(joined.error).toBe(ErrorCode.NONE);
      await sync('g', joined);
      const again = { ...JOIN, ...large, instanceId: 'static', memberId: joined.memberId };
      expect((await coordinator.join('g', again)).error).toBe(ErrorCode.NONE);
      if (round % 2 === 0) continue;
      coordinator.leave('g', '', 'static');
      await coordinator.clean();
    }
    const all = { protocols: [{ name: 'range', metadata: Buffer.alloc(17_000) }] };
    expect((await coordinator.join('h', { ...JOIN, ...all })).error).toBe(ErrorCode.NONE);
    expect((await coordinator.join('i', JOIN)).error).not.toBe(ErrorCode.NONE);
  });
});
