import { setImmediate } from 'node:timers/promises';
import { CoordinatorFixture, OFFSET, StubbornDisk, syncIn } from './testing/coordinator-fixture.js';
import type { GroupCoordinator } from './group-coordinator.js';
import { JOIN } from './testing/group-fixture.js';

let fixture: CoordinatorFixture;
let disk: StubbornDisk;
beforeEach(async () => {
  fixture = await CoordinatorFixture.make();
  disk = new StubbornDisk();
});
afterEach(() => fixture.remove());

/** As it is found in the log of a version that did not keep the topic's id. */
const OF_FORMER_VERSION = { ...OFFSET, topicId: undefined };

describe('the offsets of a topic that is deleted', () => {
  it('are not those of the next one of its name, where they were on their way to the disk', async () => {
    const { offsets } = await fixture.start(disk.files);
    disk.isHeld = true;
    const committing = offsets.commit('g', [OFFSET]);
    await disk.isWaitedFor();
    fixture.topicIds.set('t', 'second');
    const removing = offsets.removeTopic('t');
    disk.release();
    await Promise.all([committing, removing]);
    expect(offsets.get('g', 't', 0)).toBeUndefined();
    expect((await fixture.start()).offsets.get('g', 't', 0)).toBeUndefined();
  });

  it('do not stay in the log where they came after the deletion, nor take those of the next one', async () => {
    const { offsets } = await fixture.start(disk.files);
    disk.isHeld = true;
    const committing = ['g', 'h'].map((group) => offsets.commit(group, [OFFSET]));
    await disk.isWaitedFor();
    fixture.topicIds.set('t', 'second');
    const next = offsets.commit('g', [{ ...OFFSET, topicId: 'second', offset: 2 }]);
    disk.release();
    disk.isHeld = true;
    // What was first is done, what came next is not.
    await disk.isWaitedFor();
    await setImmediate();
    disk.release();
    await Promise.all([...committing, next]);
    expect([...fixture.log.entries()].map(([key]) => key)).toEqual([
      expect.stringContaining('"g"'),
    ]);
    expect(offsets.get('g', 't', 0)?.offset).toBe(2);
    expect((await fixture.start()).offsets.get('g', 't', 0)?.offset).toBe(2);
  });

  it('are not those of the next one after a crash, where the disk was full', async () => {
    const { offsets } = await fixture.start(disk.files);
    await offsets.commit('g', [OFFSET]);
    disk.isFull = true;
    fixture.topicIds.set('t', 'second');
    await offsets.removeTopic('t');
    expect((await fixture.start()).offsets.get('g', 't', 0)).toBeUndefined();
  });

  it('go with it where the broker stops before the disk hears of it', async () => {
    await (await fixture.start()).offsets.commitDecided('g', () => [OF_FORMER_VERSION]);
    fixture.topicIds.delete('t');
    await fixture.start();
    await fixture.log.close();
    fixture.topicIds.set('t', 'second');
    expect((await fixture.start()).offsets.get('g', 't', 0)).toBeUndefined();
  });

  it('count where a former version did not say in which topic they are', async () => {
    await (await fixture.start()).offsets.commitDecided('g', () => [OF_FORMER_VERSION]);
    expect((await fixture.start()).offsets.get('g', 't', 0)).toMatchObject({ offset: 1 });
  });
});

describe('offsets that are deleted while one is committed', () => {
  const later = { ...OFFSET, offset: 2 };

  it.each([
    ['by OffsetDelete', ({ offsets }: GroupCoordinator) => offsets.remove('g', [OFFSET])],
    ['with their group', (coordinator: GroupCoordinator) => coordinator.delete('g')],
  ])('are gone in memory as on the disk: %s', async (_how, remove) => {
    const coordinator = await fixture.start(disk.files);
    await coordinator.commit('g', [OFFSET]);
    disk.isHeld = true;
    const others = coordinator.commit('h', [OFFSET]);
    await disk.isWaitedFor();
    const changes = [coordinator.commit('g', [later]), remove(coordinator)];
    disk.release();
    await Promise.all([others, ...changes]);
    expect(coordinator.offsets.get('g', 't', 0)).toBeUndefined();
    expect((await fixture.start()).offsets.get('g', 't', 0)).toBeUndefined();
  });

  it('are there where the deletion came first', async () => {
    const { offsets } = await fixture.start(disk.files);
    await offsets.commit('g', [OFFSET]);
    disk.isHeld = true;
    const others = offsets.commit('h', [OFFSET]);
    await disk.isWaitedFor();
    const decided = { ...later, order: fixture.order.next() };
    const changes = [offsets.remove('g', [OFFSET]), offsets.commitDecided('g', () => [decided])];
    disk.release();
    await Promise.all([others, ...changes]);
    expect(offsets.get('g', 't', 0)?.offset).toBe(2);
    expect((await fixture.start()).offsets.get('g', 't', 0)?.offset).toBe(2);
  });
});

describe('what a transaction commits', () => {
  const pending = () => ({ ...OFFSET, offset: 5, order: fixture.order.next() });
  const later = { ...OFFSET, offset: 10 };

  it('does not take the place of what came after it', async () => {
    const { offsets } = await fixture.start();
    await offsets.commit('g', [OFFSET]);
    const one = pending();
    await offsets.commit('g', [later]);
    await offsets.commitDecided('g', () => [one]);
    expect(offsets.get('g', 't', 0)?.offset).toBe(10);
    const restarted = (await fixture.start()).offsets;
    await restarted.commitDecided('g', () => [pending()]);
    expect(restarted.get('g', 't', 0)?.offset).toBe(5);
  });

  it('does not take the place of what is on its way', async () => {
    const { offsets } = await fixture.start(disk.files);
    const one = pending();
    disk.isHeld = true;
    const committing = offsets.commit('g', [later]);
    await disk.isWaitedFor();
    const ending = offsets.commitDecided('g', () => [one]);
    disk.release();
    await Promise.all([committing, ending]);
    expect(offsets.get('g', 't', 0)?.offset).toBe(10);
    expect((await fixture.start()).offsets.get('g', 't', 0)?.offset).toBe(10);
  });

  it('is not there where it was deleted while something was on its way', async () => {
    const { offsets } = await fixture.start(disk.files);
    let decided = [pending()];
    disk.isHeld = true;
    const committing = offsets.commit('g', [{ ...OFFSET, offset: 3 }]);
    await disk.isWaitedFor();
    decided = [pending()];
    const ending = offsets.commitDecided('g', () => decided);
    const removing = offsets.remove('g', decided);
    decided = [];
    disk.release();
    await Promise.all([committing, ending, removing]);
    expect(offsets.get('g', 't', 0)).toBeUndefined();
  });

  it('is committed whatever room there is', async () => {
    const { offsets } = await fixture.start({}, { maxOffsetBytes: 1_000 });
    await offsets.commit('g', [OFFSET]);
    const one = { ...pending(), partition: 1 };
    expect(() => offsets.requireRoom('g', [one])).toThrow('more than');
    await offsets.commitDecided('g', () => [one]);
    expect(offsets.all('g')).toHaveLength(2);
  });
});

describe('the bound of offsets', () => {
  it('refuses new ones and longer metadata, but lets positions move on', async () => {
    const { offsets } = await fixture.start({}, { maxOffsetBytes: 1_000 });
    await offsets.commit('g', [{ ...OFFSET, leaderEpoch: 0 }]);
    await expect(offsets.commit('h', [OFFSET])).rejects.toMatchObject({ kafkaCode: 44 });
    const long = { ...OFFSET, metadata: 'm'.repeat(1_000) };
    await expect(offsets.commit('g', [long])).rejects.toMatchObject({ kafkaCode: 44 });
    const far = { ...OFFSET, offset: Number.MAX_SAFE_INTEGER, leaderEpoch: 0x7fffffff };
    await offsets.commit('g', [{ ...far, committedAt: Date.now() }]);
    expect(offsets.get('g', 't', 0)?.offset).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('counts metadata as it is kept', async () => {
    const { offsets } = await fixture.start({}, { maxOffsetBytes: 2_000 });
    await offsets.commit('g', [{ ...OFFSET, metadata: 'm'.repeat(1_000) }]);
    const escaped = { ...OFFSET, metadata: '\u0001'.repeat(1_000) };
    await expect(offsets.commit('g', [escaped])).rejects.toMatchObject({ kafkaCode: 44 });
    expect(fixture.log.sizeBytes).toBeLessThanOrEqual(2_000);
  });

  it('counts what is on its way', async () => {
    const { offsets } = await fixture.start({}, { maxOffsetBytes: 4_000 });
    const many = Array.from({ length: 50 }, (_, n) => offsets.commit(`g${n}`, [OFFSET]));
    const done = (await Promise.allSettled(many)).filter(({ status }) => status === 'fulfilled');
    expect(done.length).toBeGreaterThan(0);
    expect(fixture.log.sizeBytes).toBeLessThanOrEqual(4_000);
  });
});

describe('the retention of offsets', () => {
  it('leaves out what is committed while they expire', async () => {
    const coordinator = await fixture.start(disk.files);
    await coordinator.commit('g', [OFFSET]);
    fixture.timers.advance(60_001);
    disk.isHeld = true;
    const committing = coordinator.commit('g', [
      { ...OFFSET, offset: 2, committedAt: fixture.timers.now() },
    ]);
    await disk.isWaitedFor();
    const cleaning = coordinator.clean();
    disk.release();
    await Promise.all([committing, cleaning]);
    expect(coordinator.offsets.get('g', 't', 0)?.offset).toBe(2);
    expect((await fixture.start()).offsets.get('g', 't', 0)?.offset).toBe(2);
  });

  it('goes on over restarts, with and without members before', async () => {
    let coordinator = await fixture.start();
    const joined = await coordinator.join('g', JOIN);
    await syncIn(coordinator, 'g', joined);
    fixture.timers.advance(5_000);
    coordinator.leave('g', joined.memberId, null);
    for (const group of ['g', 'h']) await coordinator.commit(group, [OFFSET]);
    fixture.timers.advance(40_000);
    await fixture.log.close();
    coordinator = await fixture.start();
    await coordinator.clean();
    expect([...coordinator.offsets.groupIds()]).toEqual(['g', 'h']);
    fixture.timers.advance(20_000);
    await coordinator.clean();
    expect([...coordinator.offsets.groupIds()]).toEqual(['g']);
    fixture.timers.advance(1);
    await coordinator.clean();
    expect(coordinator.all()).toEqual([]);
  });

  it('does not forget a group for which a transaction is going to commit', async () => {
    const coordinator = await fixture.start();
    fixture.pendingGroups = ['g'];
    coordinator.expect('g', [OFFSET]);
    await coordinator.clean();
    expect(coordinator.all().map(({ id }) => id)).toEqual(['g']);
    fixture.pendingGroups = [];
    await coordinator.clean();
    expect(coordinator.all()).toEqual([]);
  });
});
