import * as fc from 'fast-check';

import type { Partition, Type } from '../../../../test/support/fake-partition.js';
import { PARTITIONS, turns, World } from '../../../../test/support/stream-world.js';

/** One thing that happens to the world; its name is what a counterexample shows. */
interface Step {
  readonly run: (world: World) => unknown;
  readonly [fc.toStringMethod]: () => string;
}

const step = (name: string, run: (world: World) => unknown): Step => ({
  run,
  [fc.toStringMethod]: () => name,
});

const partition = fc.constantFrom<Partition>(0, 1);
const type = fc.constantFrom<Type>('a', 'b');
const types = fc.array(type, { minLength: 1, maxLength: 8 });
const share = fc.double({ min: 0, max: 0.99, noNaN: true });

const append = fc
  .tuple(partition, types)
  .map(([to, list]) => step(`append ${list.join('')} to ${to}`, (world) => world.append(to, list)));
const pull = fc.tuple(fc.nat({ max: 4 }), fc.integer({ min: 1, max: 4 })).map(([wait, max]) =>
  step(`pull ${max} after ${wait} turns`, async (world) => {
    await turns(wait);
    await world.pull(max);
  }),
);
const hold = fc
  .subarray([...PARTITIONS])
  .map((held) => step(`hold [${held.join()}]`, (world) => world.share(held)));
const interrupt = partition.map((of) => step(`interrupt ${of}`, (world) => world.interrupt(of)));
const change = type.map((to) => step(`filter ${to}`, (world) => world.change(to)));
const hear = fc.constant(step('hear of it', (world) => world.hear()));
const pause = fc.boolean().map((paused) =>
  step(paused ? 'pause' : 'resume', (world) => {
    world.paused = paused;
    world.hear();
  }),
);
const freeze = fc.boolean().map((stale) =>
  step(stale ? 'doubt leases' : 'prove leases', (world) => {
    world.leases.stale = stale;
    world.reader.wake();
  }),
);
const expire = fc
  .tuple(partition, share)
  .map(([of, part]) => step(`expire ${part} of ${of}`, (world) => world.log[of]!.expire(part)));

/** Mostly a cursor that came lately, as clients have. */
const onCursor = (name: string, use: (world: World, cursor: string) => void) =>
  fc.nat({ max: 5 }).map((ago) =>
    step(`${name} the cursor ${ago} before the last`, (world) => {
      const cursor = world.emitted.at(-1 - ago);
      if (cursor !== undefined) use(world, cursor);
    }),
  );
const commit = onCursor('commit', (world, cursor) => world.commit(cursor));
const reconnect = onCursor('reconnect with', (world, cursor) => world.resume(cursor));
const rewind = onCursor('rewind to', (world, cursor) => world.rewind(cursor));

const often = (...arbitraries: readonly fc.Arbitrary<Step>[]) =>
  arbitraries.map((arbitrary) => ({ arbitrary, weight: 6 }));
const steps = fc.oneof(
  ...often(append, pull, pull),
  ...[hold, interrupt, change, hear, pause, freeze, expire, commit, reconnect, rewind].map(
    (arbitrary) => ({
      arbitrary,
      weight: 1,
    }),
  ),
);

describe('a reader', () => {
  it('hands out every event that matches, in order, whatever happens around it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 60, size: 'max' }), async (script) => {
        const world = new World();
        for (const { run } of script) await run(world);
        world.paused = false;
        world.leases.stale = false;
        world.hear();
        world.share(PARTITIONS);
        // Waits for wake-ups: a pull that ends without anything while events are left has lost one.
        while (world.missing().length > 0) expect(await world.pull(100, 500)).toBeGreaterThan(0);
        await world.readToEnd();
        for (const {
          partition: of,
          types: { length },
        } of world.log)
          if (length > 0) expect(world.committed[of]?.offset).toBe(length);
        world.reader.end('closed');
      }),
      { numRuns: 500 },
    );
  });

  const readAll = async (world: World): Promise<void> => {
    while (world.missing().length > 0) await world.pull(1, 2_000);
  };

  it('records a cut log as a gap and goes on at its end, whatever cursor it is asked for', async () => {
    const world = new World();
    world.append(0, ['a', 'a', 'a', 'a', 'a']);
    await readAll(world);
    const beyond = world.emitted.at(-1)!;
    world.log[0]!.cut(3);
    await world.waitForGap();
    expect(world.gaps).toMatchObject([{ epoch: 1, gap: { reason: 'truncated', from: 3, to: 5 } }]);
    for (const cursor of world.emitted) world.commit(cursor);
    expect(world.committed[0]).toMatchObject({ offset: 3 });
    world.append(0, ['a', 'a', 'a']);
    const before = beyond;
    world.rewind(before);
    world.handedOut.clear();
    await world.pull(10, 2_000);
    expect([...world.handedOut.keys()]).toContain('0/3');
    world.commit(before);
    expect(world.committed[0]).toMatchObject({ offset: 3 });
    world.reader.end('closed');
  });

  it('goes on while a pull waits when a change of the filter sends it back', async () => {
    const world = new World();
    world.change('b');
    world.append(0, ['a', 'b']);
    await world.pull(1, 500);
    await world.pull(1);
    const waiting = world.pull(1, 500);
    await turns(5);
    world.hear();
    expect(await waiting).toBe(1);
    world.reader.end('closed');
  });

  it('hands out nothing while others may have its leases, and goes on when it knows', async () => {
    const world = new World();
    world.append(0, ['a']);
    world.leases.stale = true;
    await turns(10);
    await world.pull(1);
    expect(world.missing()).toEqual(['0/0']);
    world.leases.stale = false;
    world.reader.wake();
    await readAll(world);
    world.reader.end('closed');
  });

  it('keeps a partition whose epoch it raised itself when older news of its leases comes', async () => {
    const world = new World();
    world.append(0, ['a', 'a']);
    await readAll(world);
    const older = world.claims();
    world.log[0]!.cut(1);
    await world.waitForGap();
    world.reader.release(older);
    world.reader.acquire(older);
    world.append(0, ['a']);
    world.handedOut.clear();
    await world.pull(10, 2_000);
    world.commit(world.emitted.at(-1)!);
    expect(world.committed[0]).toMatchObject({ offset: 2 });
    world.reader.end('closed');
  });
});
