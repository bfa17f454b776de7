import { setImmediate } from 'node:timers/promises';
import { ErrorCode } from '../protocol/error-codes.js';
import type { Files } from '../storage/files.js';
import type { GroupCoordinatorOptions } from './group-coordinator-options.js';
import type { JoinResult } from './messages.js';
import { CoordinatorFixture, OFFSET, StubbornDisk, syncIn } from './testing/coordinator-fixture.js';
import { JOIN } from './testing/group-fixture.js';

let fixture: CoordinatorFixture;
beforeEach(async () => {
  fixture = await CoordinatorFixture.make();
});
afterEach(() => fixture.remove());

const ANYONE = { memberId: '', instanceId: null, generation: -1 };

async function setUp(files: Partial<Files> = {}, options: Partial<GroupCoordinatorOptions> = {}) {
  const coordinator = await fixture.start(files, options);
  return {
    coordinator,
    sync: (groupId: string, joined: JoinResult) => syncIn(coordinator, groupId, joined),
    failures: fixture.failures,
  };
}

describe('the group coordinator', () => {
  it('gives an assignment only when the generation is on the disk', async () => {
    const waiting: (() => void)[] = [];
    const sync = (): Promise<void> => new Promise((resolve) => void waiting.push(resolve));
    const group = await setUp({ sync });
    let isAnswered = false;
    const joined = await group.coordinator.join('g', JOIN);
    const answer = group.sync('g', joined).finally(() => (isAnswered = true));
    while (waiting.length === 0) await setImmediate();
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

  it('counts an assignment against who joins again, and nothing twice for a static member', async () => {
    const { coordinator } = await setUp({}, { maxBytes: 12_000 });
    const large = { ...JOIN, protocols: [{ name: 'range', metadata: Buffer.alloc(8_000) }] };
    const joined = await coordinator.join('g', { ...JOIN, instanceId: 'i' });
    const assignments = new Map([[joined.memberId, Buffer.alloc(7_000)]]);
    await syncIn(coordinator, 'g', joined, assignments, 'i');
    const again = { ...large, instanceId: 'i', memberId: joined.memberId };
    expect((await coordinator.join('g', again)).error).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED);
    coordinator.leave('g', '', 'i');
    expect((await coordinator.join('g', { ...large, instanceId: 'j' })).error).toBe(ErrorCode.NONE);
    expect((await coordinator.join('g', { ...large, instanceId: 'j' })).error).toBe(ErrorCode.NONE);
  });

  it('has the memory of assignments again that a rebalance takes away', async () => {
    const { coordinator } = await setUp({}, { maxBytes: 14_000 });
    const { memberId, ...joined } = await coordinator.join('g', JOIN);
    const assignments = new Map([[memberId, Buffer.alloc(7_000)]]);
    expect((await syncIn(coordinator, 'g', { ...joined, memberId }, assignments)).error).toBe(0);
    await coordinator.join('g', { ...JOIN, memberId });
    const changed = [{ name: 'range', metadata: Buffer.from('changed') }];
    const again = await coordinator.join('g', { ...JOIN, memberId, protocols: changed });
    expect((await syncIn(coordinator, 'g', again, assignments)).error).toBe(ErrorCode.NONE);
  });

  describe('a static member that comes back', () => {
    const member = { ...JOIN, instanceId: 'i' };

    it('is in only when that is on the disk', async () => {
      const disk = new StubbornDisk();
      const { coordinator } = await setUp(disk.files);
      await syncIn(coordinator, 'g', await coordinator.join('g', member), new Map(), 'i');
      disk.isHeld = true;
      let isAnswered = false;
      const answer = coordinator.join('g', member).finally(() => (isAnswered = true));
      await disk.isWaitedFor();
      expect(isAnswered).toBe(false);
      disk.release();
      expect((await answer).error).toBe(ErrorCode.NONE);
    });

    it('is refused where the disk does not take it, and let in once it does', async () => {
      const disk = new StubbornDisk();
      const { coordinator } = await setUp(disk.files);
      await syncIn(coordinator, 'g', await coordinator.join('g', member), new Map(), 'i');
      disk.isFull = true;
      const refused = await coordinator.join('g', member);
      expect(refused.error).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
      disk.isFull = false;
      const { memberId, generation } = await coordinator.join('g', member);
      const membership = { memberId, generation, instanceId: 'i' };
      const restarted = (await setUp()).coordinator;
      expect(restarted.heartbeat('g', membership)).toBe(ErrorCode.NONE);
    });
  });

  describe('the deletion of a group', () => {
    it('does not take what forms under its name meanwhile', async () => {
      const disk = new StubbornDisk();
      const group = await setUp(disk.files);
      await group.coordinator.commit('g', [OFFSET]);
      disk.isHeld = true;
      const deleting = group.coordinator.delete('g');
      await disk.isWaitedFor();
      const syncing = group.sync('g', await group.coordinator.join('g', JOIN));
      disk.release();
      expect([await deleting, (await syncing).error]).toEqual([ErrorCode.NONE, ErrorCode.NONE]);
      expect(group.coordinator.get('g')?.state).toBe('Stable');
      const restarted = (await setUp()).coordinator;
      expect(restarted.get('g')?.state).toBe('Stable');
      expect(restarted.offsets.has('g')).toBe(false);
    });

    it('that the disk does not take leaves it as it was', async () => {
      const disk = new StubbornDisk();
      const { coordinator } = await setUp(disk.files);
      const joined = await coordinator.join('g', JOIN);
      await syncIn(coordinator, 'g', joined);
      coordinator.leave('g', joined.memberId, null);
      await coordinator.commit('g', [OFFSET]);
      disk.isFull = true;
      await expect(coordinator.delete('g')).rejects.toThrow('could not be written');
      disk.isFull = false;
      expect(await coordinator.delete('g')).toBe(ErrorCode.NONE);
      expect(await coordinator.delete('g')).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
      expect((await setUp()).coordinator.all()).toEqual([]);
    });
  });
});
