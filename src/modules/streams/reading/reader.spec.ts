import * as fc from 'fast-check';

import {
  PARTITIONS,
  turns,
  World,
  type Partition,
  type Type,
} from '../../../../test/support/stream-world.js';

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
    world.stale = stale;
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
  ...[hold, change, hear, pause, freeze, expire, commit, reconnect, rewind].map((arbitrary) => ({
    arbitrary,
    weight: 1,
  })),
);

describe('a reader', () => {
  it('hands out every event that matches, in order, whatever happens around it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 60, size: 'max' }), async (script) => {
        const world = new World();
        for (const { run } of script) await run(world);
        world.paused = false;
        world.stale = false;
        world.hear();
        world.share(PARTITIONS);
        // Waits for wake-ups: a pull that ends without anything while events are left has lost one.
        while (world.missing().length > 0) expect(await world.pull(100, 2_000)).toBeGreaterThan(0);
        world.reader.end('closed');
      }),
      { numRuns: 500 },
    );
  });
});
