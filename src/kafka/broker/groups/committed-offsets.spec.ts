import { CoordinatorFixture, OFFSET, StubbornDisk, syncIn } from './testing/coordinator-fixture.js';
import { JOIN } from './testing/group-fixture.js';

let fixture: CoordinatorFixture;
let disk: StubbornDisk;
beforeEach(async () => {
  fixture = await CoordinatorFixture.make();
  disk = new StubbornDisk();
});
afterEach(() => fixture.remove());

/** Of the topic that is there first. */
const FIRST = { ...OFFSET, topicId: 'first' };

describe('the offsets of a topic that is deleted', () => {
  it('are not those of the next one of its name, where they were on their way to the disk', async () => {
    const { offsets } = await fixture.start(disk.files);
    disk.isHeld = true;
    const committing = offsets.commit('g', [FIRST]);
    await disk.isWaitedFor();
    fixture.topicIds.set('t', 'second');
    const removing = offsets.removeTopic('t');
    disk.release();
    await Promise.all([committing, removing]);
    expect(offsets.get('g', 't', 0)).toBeUndefined();
    expect((await fixture.start()).offsets.get('g', 't', 0)).toBeUndefined();
  });

  it('are not those of the next one after a crash, where the disk was full', async () => {
    const { offsets } = await fixture.start(disk.files);
    await offsets.commit('g', [FIRST]);
    disk.isFull = true;
    fixture.topicIds.set('t', 'second');
    await offsets.removeTopic('t');
    expect((await fixture.start()).offsets.get('g', 't', 0)).toBeUndefined();
  });

  it('go with it where the broker stops before the disk hears of it', async () => {
    await (await fixture.start()).offsets.commit('g', [OFFSET]);
    fixture.topicIds.delete('t');
    await fixture.start();
    await fixture.log.close();
    fixture.topicIds.set('t', 'second');
    expect((await fixture.start()).offsets.get('g', 't', 0)).toBeUndefined();
  });

  it('count where a former version did not say in which topic they are', async () => {
    await (await fixture.start()).offsets.commit('g', [OFFSET]);
    expect((await fixture.start()).offsets.get('g', 't', 0)).toMatchObject({ offset: 1 });
  });
});

describe('what a transaction commits', () => {
  const pending = () => ({ ...FIRST, offset: 5, order: fixture.order.next() });
  const later = { ...FIRST, offset: 10 };

  it('does not take the place of what came after it', async () => {
    const { offsets } = await fixture.start();
    await offsets.commit('g', [FIRST]);
    const one = pending();
    await offsets.commit('g', [later]);
    await offsets.commitDecided('g', [one]);
    expect(offsets.get('g', 't', 0)?.offset).toBe(10);
    const restarted = (await fixture.start()).offsets;
    await restarted.commitDecided('g', [pending()]);
    expect(restarted.get('g', 't', 0)?.offset).toBe(5);
  });

  it('does not take the place of what is on its way', async () => {
    const { offsets } = await fixture.start(disk.files);
    const one = pending();
    disk.isHeld = true;
    const committing = offsets.commit('g', [later]);
    await disk.isWaitedFor();
    const ending = offsets.commitDecided('g', [one]);
    disk.release();
    await Promise.all([committing, ending]);
    expect(offsets.get('g', 't', 0)?.offset).toBe(10);
    expect((await fixture.start()).offsets.get('g', 't', 0)?.offset).toBe(10);
  });

  it('is committed whatever room there is', async () => {
    const { offsets } = await fixture.start({}, { maxOffsetBytes: 1_000 });
    await offsets.commit('g', [FIRST]);
    const one = { ...pending(), partition: 1 };
    expect(() => offsets.requireRoom('g', [one])).toThrow('more than');
    await offsets.commitDecided('g', [one]);
    expect(offsets.all('g')).toHaveLength(2);
  });
});

describe('the bound of offsets', () => {
  it('refuses new ones and longer metadata, but lets positions move on', async () => {
    const { offsets } = await fixture.start({}, { maxOffsetBytes: 1_000 });
    await offsets.commit('g', [{ ...FIRST, leaderEpoch: 0 }]);
    await expect(offsets.commit('h', [FIRST])).rejects.toMatchObject({ kafkaCode: 44 });
    const long = { ...FIRST, metadata: 'm'.repeat(1_000) };
    await expect(offsets.commit('g', [long])).rejects.toMatchObject({ kafkaCode: 44 });
    const far = { ...FIRST, offset: Number.MAX_SAFE_INTEGER, leaderEpoch: 0x7fffffff };
    await offsets.commit('g', [{ ...far, committedAt: Date.now() }]);
    expect(offsets.get('g', 't', 0)?.offset).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('counts what is on its way', async () => {
    const { offsets } = await fixture.start({}, { maxOffsetBytes: 4_000 });
    const many = Array.from({ length: 50 }, (_, n) => offsets.commit(`g${n}`, [FIRST]));
    const done = (await Promise.allSettled(many)).filter(({ status }) => status === 'fulfilled');
    expect(done.length).toBeGreaterThan(0);
    expect(fixture.log.sizeBytes).toBeLessThanOrEqual(4_000);
  });
});

describe('the retention of offsets', () => {
  it('leaves out what is committed while they expire', async () => {
    const coordinator = await fixture.start(disk.files);
    await coordinator.commit('g', [FIRST]);
    fixture.timers.advance(60_001);
    disk.isHeld = true;
    const committing = coordinator.commit('g', [
      { ...FIRST, offset: 2, committedAt: fixture.timers.now() },
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
    for (const group of ['g', 'h']) await coordinator.commit(group, [FIRST]);
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
    coordinator.expect('g', [FIRST]);
    await coordinator.clean();
    expect(coordinator.all().map(({ id }) => id)).toEqual(['g']);
    fixture.pendingGroups = [];
    await coordinator.clean();
    expect(coordinator.all()).toEqual([]);
  });
});
